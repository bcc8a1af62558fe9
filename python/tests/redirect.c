/* Preloaded into a Python that reads /var/log/wtmp and the like: opens the files of the same
 * names in $LOGIN_RECORDS instead. The original pyutmpx can read no other paths. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *elsewhere(const char *path, char *buffer, size_t size) {
    static const char *const known[] = {
        "/var/run/utmp", "/run/utmp", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog",
    };
    const char *folder = getenv("LOGIN_RECORDS");
    for (size_t i = 0; folder && path && i < sizeof known / sizeof *known; i++) {
        if (strcmp(path, known[i]) == 0) {
            snprintf(buffer, size, "%s%s", folder, strrchr(path, '/'));
            return buffer;
        }
    }
    return path;
}

#define REDIRECT(name)                                                                    \
    int name(const char *path, int flags, ...) {                                          \
        char buffer[4096];                                                                \
        mode_t mode = 0;                                                                  \
        if (flags & (O_CREAT | O_TMPFILE)) {                                              \
            va_list arguments;                                                            \
            va_start(arguments, flags);                                                   \
            mode = va_arg(arguments, mode_t);                                             \
            va_end(arguments);                                                            \
        }                                                                                 \
        int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        return real(elsewhere(path, buffer, sizeof buffer), flags, mode);                 \
    }

REDIRECT(open)
REDIRECT(open64)
