import Clock
import Glibc
import Journal

/// What the journal costs. `journal-child bench FILE` prints a table; the file is made and removed.
struct Bench {
  private let file: String

  init(_ file: String) { self.file = file }

  func run() async throws {
    for branches in [1, 100, 1000] {
      try await triples(SQLiteJournal(file: file), "file", branches: branches)
      remove()
    }
    for branches in [1, 1000] {
      try await triples(SQLiteJournal(inMemory: JournalHooks()), "memory", branches: branches)
    }
    try await load(steps: 100_000)
    remove()
  }

  /// Intent, submitted, done, from many branches at once.
  private func triples(_ journal: SQLiteJournal, _ name: String, branches: Int) async throws {
    let claim = try await start(journal)
    let before = journal.statistics
    let each = branches == 1 ? 500 : max(3, 3000 / branches)
    let seconds = try await time {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for branch in 0..<branches {
          group.addTask {
            for round in 0..<each {
              try await triple(journal, "backup.dynamodb:aws/DynamoDB/\(branch) FULL #\(round)", claim)
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let count = branches * each
    let commits = journal.statistics.commits - before.commits
    print(
      "\(name), \(branches) branches: \(Int(seconds * 1e9) / count) ns a triple,",
      "\(Int(Double(commits) / seconds)) commits/s, \(Double(commits) / Double(count)) commits a submit")
    claim.release()
    await journal.close()
  }

  private func triple(_ journal: SQLiteJournal, _ key: String, _ claim: RunClaim) async throws {
    let step = NewStep(
      key: key, kind: .submit, argumentsHash: hash, place: "nightly.lua:12", startedAt: now,
      attempt: Attempt(number: 1, token: "cvlua-20261121-2200-k3f9-0001-1", sendBefore: now),
      server: "commcell-1")
    try await journal.write(.begin(step), by: claim)
    try await journal.write(
      .submitted(step: key, task: "9920", jobs: [Job(server: "commcell-1", id: key)]), by: claim)
    try await journal.write(
      .jobEnded(Job(server: "commcell-1", id: key), at: now),
      .settle(step: key, .done, result: [UInt8](repeating: 120, count: 400), at: now), by: claim)
  }

  private func load(steps: Int) async throws {
    let journal = SQLiteJournal(file: file)
    let claim = try await start(journal)
    for start in stride(from: 0, to: steps, by: 1000) {
      let changes = (start..<min(start + 1000, steps)).flatMap { number -> [Change] in
        let key = "backup.dynamodb:aws/DynamoDB/\(number) FULL #1"
        let step = NewStep(
          key: key, kind: .submit, argumentsHash: hash, place: "nightly.lua:12", startedAt: now,
          attempt: Attempt(number: 1, token: "cvlua-20261121-2200-k3f9-\(number)-1", sendBefore: now),
          server: "commcell-1")
        let job = Job(server: "commcell-1", id: "\(number)")
        return [
          .begin(step), .submitted(step: key, task: "\(number)", jobs: [job]), .jobEnded(job, at: now),
          .settle(step: key, .done, result: [UInt8](repeating: 120, count: 400), at: now),
        ]
      }
      try await journal.write(changes, by: claim)
    }
    claim.release()
    await journal.close()
    let second = SQLiteJournal(file: file)
    var count = 0
    let seconds = try await time { count = try await second.history(of: claim.run).steps.count }
    var information = stat()
    stat(file, &information)
    print("opening and loading \(count) steps: \(seconds) s; the file has \(information.st_size >> 20) MiB")
    await second.close()
  }

  private func start(_ journal: SQLiteJournal) async throws -> RunClaim {
    try await journal.create(
      NewRun(script: Source(name: "nightly.lua", bytes: [1]), night: "2026-11-21", startedAt: now))
  }

  private func time(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return (ContinuousClock.now - start).inSeconds
  }

  private var hash: String { "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }

  private var now: Moment { Child.now }

  private func remove() {
    for suffix in ["", "-wal", "-shm"] { unlink(file + suffix) }
  }
}
