internal import SQLite

/// The tables, and how they came to be what they are.
enum Schema {
  /// `cvlj`: what tells a journal from other SQLite files (https://www.sqlite.org/fileformat.html, offset 68).
  static let application = 0x6376_6c6a

  /// Step `n` leads from version `n` to `n + 1`. Steps are only ever added: files of any age must get here.
  static let migrations = [first, second, third]

  /// What this program reads and writes.
  static var version: Int { migrations.count }

  /// Runs what leads from the database's version to ours. Called within a transaction.
  static func migrate(_ db: Database, from version: Int) throws {
    for migration in migrations[version...] { try db.execute(migration) }
    try db.execute("PRAGMA application_id = \(application); PRAGMA user_version = \(Self.version)")
  }

  // Moments are nanoseconds since 1970. Hashes are hexadecimal SHA-256.
  private static let first = """
    CREATE TABLE sources (
      hash TEXT PRIMARY KEY,
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE runs (
      number INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, so that no old claim fits a new run
      id TEXT NOT NULL UNIQUE,
      script TEXT NOT NULL,
      script_hash TEXT NOT NULL REFERENCES sources,
      arguments BLOB NOT NULL,                  -- each with a NUL behind it
      night TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      state TEXT NOT NULL,
      exit_code INTEGER,
      epoch INTEGER NOT NULL,
      owner_host TEXT NOT NULL,
      owner_process INTEGER NOT NULL,
      owner_boot TEXT NOT NULL,
      owner_start INTEGER NOT NULL,
      simulated INTEGER NOT NULL,
      seed INTEGER NOT NULL,
      options BLOB NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_start ON runs (started_at);

    CREATE TABLE run_sources (
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      name TEXT NOT NULL,
      hash TEXT NOT NULL REFERENCES sources,
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX run_sources_by_hash ON run_sources (hash);
    CREATE INDEX runs_by_script_hash ON runs (script_hash);

    CREATE TABLE steps (
      number INTEGER PRIMARY KEY,               -- in the order of their beginning
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      key TEXT NOT NULL,
      kind TEXT NOT NULL,
      state TEXT NOT NULL,
      arguments_hash TEXT NOT NULL,
      place TEXT,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      attempt INTEGER,
      token TEXT,
      send_before INTEGER,
      server TEXT,
      task TEXT,
      result BLOB,
      note TEXT,
      UNIQUE (run, key)
    ) STRICT;

    CREATE TABLE earlier_attempts (
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      step TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      token TEXT NOT NULL,
      send_before INTEGER NOT NULL,
      PRIMARY KEY (run, step, attempt)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE jobs (
      server TEXT NOT NULL,
      job TEXT NOT NULL,
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      step TEXT NOT NULL,
      ended_at INTEGER,
      PRIMARY KEY (server, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX jobs_by_step ON jobs (run, step);

    CREATE TABLE permits (
      number INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of their coming
      pool TEXT NOT NULL,
      weight INTEGER NOT NULL,
      max INTEGER NOT NULL,
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      step TEXT NOT NULL,
      epoch INTEGER NOT NULL,                   -- of the claim that asked last: older ones wait no more
      requested_at INTEGER NOT NULL,
      granted_at INTEGER,
      released_at INTEGER
    ) STRICT;
    CREATE INDEX permits_in_pool ON permits (pool, granted_at, number) WHERE released_at IS NULL;
    CREATE UNIQUE INDEX permits_of_step ON permits (run, step, pool) WHERE released_at IS NULL;
    CREATE INDEX permits_by_run ON permits (run);

    CREATE TABLE messages (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      key TEXT NOT NULL,
      kind TEXT NOT NULL,
      payload BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      delivered_at INTEGER,
      tries INTEGER NOT NULL DEFAULT 0,
      last_error TEXT,
      not_before INTEGER,                       -- the end of a lease, or the time of the next try
      UNIQUE (run, key)
    ) STRICT;
    CREATE INDEX messages_waiting ON messages (number) WHERE delivered_at IS NULL;
    """

  // What the runs of a script remember for the next one; it outlives them.
  private static let second = """
    CREATE TABLE memories (
      script TEXT NOT NULL,
      simulated INTEGER NOT NULL,
      name TEXT NOT NULL,
      value BLOB NOT NULL,
      written_at INTEGER NOT NULL,
      PRIMARY KEY (script, simulated, name)
    ) STRICT, WITHOUT ROWID;
    """

  // Jobs that somebody has said not to be their step's stay on record.
  private static let third = """
    ALTER TABLE jobs ADD COLUMN dropped_at INTEGER;
    """
}
