internal import Dispatch
internal import SQLite
internal import Glibc
internal import Synchronization

/// A piece of work that wants to be on disk.
struct Writing: Sendable {
  /// - Returns: what was written, and what to do once it is on disk: tell whoever waits.
  let apply: @Sendable (Database) throws -> (written: Written, tell: @Sendable () -> Void)
  let fail: @Sendable (JournalError) -> Void
}

/// A piece of work that wants to know what is on disk.
struct Reading: Sendable {
  /// - Returns: what to do once it has been read: tell whoever waits.
  let apply: @Sendable (Database) throws -> @Sendable () -> Void
  let fail: @Sendable (JournalError) -> Void
}

/// The one connection of a journal, and the one thread at a time that uses it.
///
/// **Group commit.** While a transaction goes to the disk, what callers want written queues up; the next
/// transaction takes all of it. Order is kept, and what one caller wants refused refuses no other's.
final class Writer: Sendable {
  enum Place: Sendable {
    case file(JournalFile)
    /// Each call is a transaction of its own, and done before it returns, so that simulated runs go the same
    /// way every time.
    case memory
  }

  private enum Job: Sendable {
    case write(Writing)
    case read(Reading)
  }

  private struct State {
    var jobs: [Job] = []
    var isDraining = false
    var statistics = JournalStatistics()
  }

  private let place: Place
  private let hooks: JournalHooks
  private let serial = DispatchQueue(label: "cvlua.journal")
  private let connection = Connection()
  private let state = Mutex(State())

  init(_ place: Place, _ hooks: JournalHooks) {
    self.place = place
    self.hooks = hooks
  }

  var statistics: JournalStatistics { state.withLock { $0.statistics } }

  /// What errors call the journal.
  var name: String {
    switch place {
    case .file(let file): file.path
    case .memory: "in memory"
    }
  }

  /// Runs `body` in a transaction, together with what others want written.
  ///
  /// - Parameter body: may run again, or be undone, where the transaction fails; gives what it wrote, and the
  ///   value to return once that is on disk.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> (Written, Value)
  ) async throws(JournalError) -> Value {
    let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
      let writing = Writing(
        apply: { db in
          let (written, value) = try body(db)
          return (written, { continuation.resume(returning: .success(value)) })
        },
        fail: { continuation.resume(returning: .failure($0)) })
      enqueue(.write(writing))
    }
    return try result.get()
  }

  /// Runs `body` on what is on disk, after all that was enqueued before.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(JournalError) -> Value {
    let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
      let reading = Reading(
        apply: { db in
          let value = try body(db)
          return { continuation.resume(returning: .success(value)) }
        },
        fail: { continuation.resume(returning: .failure($0)) })
      enqueue(.read(reading))
    }
    return try result.get()
  }

  func close() async {
    await withCheckedContinuation { continuation in
      serial.async {
        self.drain()
        self.connection.close()
        continuation.resume()
      }
    }
  }

  // MARK: The queue

  private func enqueue(_ job: Job) {
    switch place {
    case .memory: serial.sync { self.perform([job][...]) }
    case .file:
      let isFirst = state.withLock { state in
        state.jobs.append(job)
        defer { state.isDraining = true }
        return !state.isDraining
      }
      if isFirst { serial.async { self.drain() } }
    }
  }

  private func drain() {
    while true {
      let jobs = state.withLock { state in
        let jobs = state.jobs
        state.jobs = []
        state.isDraining = !jobs.isEmpty
        return jobs
      }
      if jobs.isEmpty { return }
      perform(jobs[...])
    }
  }

  private func perform(_ jobs: ArraySlice<Job>) {
    var rest = jobs
    while let job = rest.first {
      switch job {
      case .read(let reading):
        rest = rest.dropFirst()
        answer(reading)
      case .write:
        var writings: [Writing] = []
        while case .write(let writing)? = rest.first {
          writings.append(writing)
          rest = rest.dropFirst()
        }
        commit(writings)
      }
    }
  }

  private func answer(_ reading: Reading) {
    var tell: (@Sendable () -> Void)?
    var failure: JournalError?
    use { db in
      // One transaction, so that all that is read is of one moment.
      try db.inTransaction(.deferred) {
        tell = try reading.apply(db)
      }
    } orElse: {
      failure = $0
    }
    if let failure { reading.fail(failure) } else { tell?() }
  }

  // MARK: The transaction

  private func commit(_ writings: [Writing]) {
    state.withLock {
      $0.statistics.calls += writings.count
      $0.statistics.transactions += 1
    }
    var failures = [JournalError?](repeating: nil, count: writings.count)
    var tells: [(@Sendable () -> Void)?] = Array(repeating: nil, count: writings.count)
    use { db in
      let changesBefore = db.totalChangesCount
      var written: [Written] = []
      try db.beginTransaction(.immediate)
      do {
        for (index, writing) in writings.enumerated() {
          try db.run("SAVEPOINT one")
          do {
            let done = try writing.apply(db)
            try db.run("RELEASE one")
            tells[index] = done.tell
            written.append(done.written)
          } catch {
            // A full or broken disk ends the transaction, all others' part of it too.
            guard db.isInsideTransaction else { throw error }
            try db.run("ROLLBACK TO one")
            try db.run("RELEASE one")
            failures[index] = JournalError(error, file: name)
          }
        }
        try hooks.beforeCommit?(written)
        try db.commit()
      } catch {
        if db.isInsideTransaction { try? db.rollback() }
        throw error
      }
      let hasChanged = db.totalChangesCount > changesBefore
      if hasChanged { state.withLock { $0.statistics.commits += 1 } }
      if !written.isEmpty { hooks.afterCommit?(written) }
    } orElse: { error in
      for index in failures.indices {
        tells[index] = nil
        failures[index] = failures[index] ?? error
      }
    }
    for index in writings.indices {
      if let tell = tells[index] {
        tell()
      } else if let failure = failures[index] {
        writings[index].fail(failure)
      }
    }
  }

  /// Gives `body` the database, open and still in its place; `orElse` gets whatever goes wrong.
  private func use(_ body: (Database) throws -> Void, orElse: (JournalError) -> Void) {
    do {
      try body(connection.open(place))
    } catch {
      orElse(JournalError(error, file: name))
    }
  }
}

/// The database, opened at its first use. An opening that failed is tried again at the next.
private final class Connection: @unchecked Sendable {
  // Sendable: used on the writer's serial queue only.
  private var database: Database?
  private var identity: (device: UInt, file: UInt)?
  private var isClosed = false

  func open(_ place: Writer.Place) throws -> Database {
    if isClosed { throw JournalError.closed }
    if let database {
      // SQLite goes on writing to a file without a name, and says nothing.
      if case .file(let file) = place, try Self.identity(of: file) != identity! {
        throw JournalError.vanished(file: file.path)
      }
      return database
    }
    switch place {
    case .memory: database = try JournalFile.inMemory()
    case .file(let file):
      let opened = try file.open()
      identity = try Self.identity(of: file)
      database = opened
    }
    return database!
  }

  func close() {
    isClosed = true
    database?.close()
    database = nil
  }

  private static func identity(of file: JournalFile) throws(JournalError) -> (UInt, UInt) {
    var information = stat()
    guard stat(file.path, &information) == 0 else { throw .vanished(file: file.path) }
    return (UInt(information.st_dev), UInt(information.st_ino))
  }
}
