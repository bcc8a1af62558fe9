"""Random databases, as SQLite itself writes and reads them: random.py FOLDER SEED COUNT.

Database N lies in FOLDER/N: wtmp.db with what is beside it, and expected.json, in which the
rows are what the sqlite3 module reads from a copy.
"""
import json, os, random, shutil, sqlite3, sys

folder, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
WTMP = ("CREATE TABLE wtmp(ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER,"
        " Logout INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)")
LASTLOG2 = "CREATE TABLE Lastlog2(Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT, RemoteHost TEXT, Service TEXT)"


def text(rng, longest):
    size = rng.choice([0, 1, 5, 12, 30, rng.randrange(longest)])
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789.:-_\u00e9\u4e2d\U0001f600") for _ in range(size))


def integer(rng):
    return rng.choice([None, 0, 1, -1, rng.randrange(-200, 200), rng.randrange(1 << 16), rng.randrange(1 << 24),
                       rng.randrange(1 << 32), 1767254412345678 + rng.randrange(1 << 40), -(1 << 63), (1 << 63) - 1])


def fill(db, rng, longest, rows):
    for _ in range(rows):
        db.execute("INSERT INTO wtmp(Type,User,Login,Logout,TTY,RemoteHost,Service) VALUES(?,?,?,?,?,?,?)",
                   (integer(rng), text(rng, 40), integer(rng), integer(rng), text(rng, 20), text(rng, longest),
                    rng.choice([None, "sshd", "login"])))
        if rng.random() < 0.2:
            db.execute("REPLACE INTO Lastlog2 VALUES(?,?,?,?,?)",
                       (text(rng, 12), integer(rng), text(rng, 8), text(rng, 60), None))
        if rng.random() < 0.3:
            db.execute("UPDATE wtmp SET Logout = ? WHERE ID = abs(random()) % (SELECT max(ID) FROM wtmp)", (integer(rng),))
        if rng.random() < 0.1:
            db.execute("DELETE FROM wtmp WHERE ID % ? = 1", (rng.randrange(2, 50),))


def value(v):
    if isinstance(v, bytes):
        try:
            return v.decode()
        except UnicodeDecodeError:
            return {"hex": v.hex()}
    return v


def make(n):
    rng = random.Random(seed * 1000 + n)
    here = os.path.join(folder, str(n))
    os.makedirs(os.path.join(here, "copy"))
    path = os.path.join(here, "made.db")
    db = sqlite3.connect(path, isolation_level=None)
    size = rng.choice([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536])
    db.execute(f"PRAGMA page_size = {size}")
    db.execute(f"PRAGMA encoding = '{rng.choice(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'")
    db.execute(f"PRAGMA auto_vacuum = {rng.choice([0, 0, 1, 2])}")
    db.execute(f"PRAGMA secure_delete = {rng.choice([0, 1])}")
    kind = rng.choice(["delete", "wal", "wal", "hot", "persist"])
    mode = {"hot": "delete"}.get(kind, kind)
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute("PRAGMA synchronous = %s" % rng.choice(["OFF", "FULL"] if kind == "hot" else ["OFF"]))
    db.execute("PRAGMA wal_autocheckpoint = %d" % rng.choice([0, 3, 1000]))
    rowid = rng.choice(["", " WITHOUT ROWID"])
    db.execute(WTMP)
    db.execute(LASTLOG2 + rowid)
    longest = rng.choice([10, 300, size, 3 * size])
    rows = rng.choice([0, 5, 100, 400])
    db.execute("BEGIN")
    fill(db, rng, longest, rows)
    db.execute("COMMIT")
    for _ in range(rng.randrange(8)):
        fill(db, rng, longest, rng.randrange(5))
    if rng.random() < 0.2:
        db.execute("ALTER TABLE wtmp ADD COLUMN Seat TEXT DEFAULT 'seat0'")
        fill(db, rng, longest, 5)
    if kind == "wal" and rng.random() < 0.4:
        db.execute("PRAGMA wal_checkpoint(%s)" % rng.choice(["PASSIVE", "RESTART", "TRUNCATE"]))
        fill(db, rng, longest, 3)
    if kind in ("hot", "wal") and rows:
        # Pages go to the file, or the log, before the transaction ends.
        db.execute("PRAGMA cache_size = 3")
        db.execute("BEGIN")
        fill(db, rng, longest, rng.randrange(200))
        if rng.random() < 0.5:
            db.execute("DELETE FROM wtmp WHERE ID % 3 = 0")
    for beside in ("", "-wal", "-journal"):
        if os.path.exists(path + beside):
            shutil.copy(path + beside, os.path.join(here, "wtmp.db" + beside))
            shutil.copy(path + beside, os.path.join(here, "copy", "wtmp.db" + beside))
    copy = sqlite3.connect(os.path.join(here, "copy", "wtmp.db"))
    copy.text_factory = bytes
    tables = {}
    for name, key in (("wtmp", "ID"), ("Lastlog2", "NULL" if rowid else "rowid")):
        order = "Name" if name == "Lastlog2" and rowid else key
        found = copy.execute(f"SELECT {key}, * FROM {name} ORDER BY {order}").fetchall()
        tables[name] = {"rows": [[value(v) for v in row] for row in found]}
    check = copy.execute("PRAGMA integrity_check").fetchall()
    assert check == [(b"ok",)], check
    with open(os.path.join(here, "expected.json"), "w") as out:
        json.dump({"database": "wtmp.db", "tables": tables, "kind": kind, "page_size": size}, out)
    if db.in_transaction:
        db.execute("ROLLBACK")
    db.close()


for n in range(count):
    make(n)
