#!/usr/bin/env python3
"""A wtmp.db of many rows: big_database.py OUT [ROWS]. The same bytes for the same SQLite.

Logouts come while other rows are written, as on a server, so that rows grow in
their pages and pages split."""

import os
import random
import sqlite3
import sys

TABLE = (
    "CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER,"
    " Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT) STRICT"
)
USERS = ["alice", "bob", "carol", "dave", "heidi", "root", "deploy", "backup-operator"]
HOSTS = ["198.51.100.20", "203.0.113.7", "2001:db8:0:1:20c:29ff:fe12:3456", "relay.example.net", ""]
BEGIN = 1_767_225_600_000_000


def main():
    out, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    if os.path.exists(out):
        os.unlink(out)
    database = sqlite3.connect(out, isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    database.execute(TABLE)
    made, time, open_rows = random.Random(8), BEGIN, []
    database.execute("BEGIN")
    for number in range(rows):
        time += made.randrange(1, 300_000_000)
        boot = number % 500 == 0
        row = (
            (1, "reboot", time, None, "~", "6.12.9-amd64", None)
            if boot
            else (3, made.choice(USERS), time, None, f"pts/{made.randrange(40)}", made.choice(HOSTS), "sshd")
        )
        insert = "INSERT INTO wtmp(Type,User,Login,Logout,TTY,RemoteHost,Service) VALUES(?,?,?,?,?,?,?)"
        open_rows.append(database.execute(insert, row).lastrowid)
        if len(open_rows) > 20:
            ended = open_rows.pop(made.randrange(len(open_rows)))
            database.execute("UPDATE wtmp SET Logout=? WHERE ID=?", (time + made.randrange(1_000_000), ended))
    database.execute("COMMIT")
    database.close()


if __name__ == "__main__":
    main()
