# Sourced by the scripts beside it.

# skip WHY...: prints that something is not tried, and counts it where .ci/run asks for that.
# For a tool that is absent and cannot be installed, or ../shared; anything else is a failure.
skip() {
    printf 'skipped: %s\n' "$*"
    [ -z "${LOGINREC_SKIPS:-}" ] || printf '%s\n' "$*" >>"$LOGINREC_SKIPS"
}

# have TOOL PACKAGE: whether TOOL is here, after apt-get has tried to install PACKAGE.
have() {
    command -v "$1" >/dev/null && return
    command -v apt-get >/dev/null || return 1
    timeout 300 apt-get install -y -qq "$2" >/dev/null 2>&1 || true
    command -v "$1" >/dev/null
}
