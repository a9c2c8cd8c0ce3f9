import Clock
import Glibc
import Journal

// A process of its own for the tests of the journal: it does one thing, says so line by line, and ends when
// its input does, unless something kills it before.
@main
struct Child {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let journal = SQLiteJournal(file: arguments[2])
    do {
      switch arguments[1] {
      case "claim":
        let claim = try await journal.claim(RunID(arguments[3]))
        say("claimed \(claim.epoch)")
        while readLine() != nil {}
        claim.release()
      case "script":
        let lock = try await journal.lock(script: arguments[3])
        say("locked")
        while readLine() != nil {}
        lock.release()
      case "race": try await race(journal, RunID(arguments[3]))
      case "limit": try await limit(journal, RunID(arguments[3]))
      case "write": try await write(journal, RunID(arguments[3]))
      case "pool":
        try await pool(journal, max: Int(arguments[3])!, branches: Int(arguments[4])!, slots: arguments[5])
      case "bench": try await Bench(arguments[2]).run()
      default: say("unknown: \(arguments[1])")
      }
    } catch {
      say("refused: \(error)")
    }
  }

  /// Claims the run as often as it can and lets it go again; while it has it, a file says so.
  static func race(_ journal: SQLiteJournal, _ run: RunID) async throws {
    let mark = CommandLine.arguments[4]
    var wins = 0
    while wins < 50 {
      do {
        let claim = try await journal.claim(run)
        let file = open(mark, O_CREAT | O_EXCL | O_RDWR, 0o600)
        if file < 0 { say("two owners") }
        wins += 1
        try await journal.write(
          .begin(NewStep(key: "\(getpid())/\(wins)", kind: .value, startedAt: now)), by: claim)
        close(file)
        unlink(mark)
        claim.release()
      } catch JournalError.runIsAlive {
        usleep(200)
      }
    }
    say("won \(wins)")
  }

  /// Writes until no file may grow further, and once more when files may.
  static func limit(_ journal: SQLiteJournal, _ run: RunID) async throws {
    let claim = try await journal.claim(run)
    signal(SIGXFSZ, SIG_IGN)
    func allow(_ bytes: rlim_t) {
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE of <sys/resource.h>
      limit.rlim_cur = bytes
      setrlimit(__rlimit_resource_t(1), &limit)
    }
    func write(_ key: String) async {
      do {
        let result = [UInt8](repeating: 1, count: 60_000)
        try await journal.write(
          .begin(NewStep(key: key, kind: .value, startedAt: now)),
          .settle(step: key, .done, result: result, at: now), by: claim)
        say("wrote \(key)")
      } catch {
        say("refused: \(error)")
      }
    }
    allow(200_000)
    for number in 0..<6 { await write("\(number)") }
    allow(rlim_t(Int64.max))
    await write("after")
    claim.release()
  }

  /// Writes groups of three steps from many branches until it is killed, and says which are on disk.
  static func write(_ journal: SQLiteJournal, _ run: RunID) async throws {
    let claim = try await journal.claim(run)
    say("claimed")
    try await withThrowingTaskGroup(of: Void.self) { branches in
      for branch in 0..<20 {
        branches.addTask {
          for group in 0... {
            let name = "\(claim.epoch).\(branch).\(group)"
            let steps = (1...3).map { part in
              Change.begin(NewStep(key: "\(name).\(part)", kind: .value, startedAt: now))
            }
            try await journal.write(steps, by: claim)
            say("wrote \(name)")
          }
        }
      }
      try await branches.waitForAll()
    }
  }

  /// Runs branches through a pool. One file for each of its places: a branch that finds none free says so.
  static func pool(_ journal: SQLiteJournal, max: Int, branches: Int, slots: String) async throws {
    let claim = try await journal.create(
      NewRun(script: Source(name: "p", bytes: []), night: "", startedAt: now))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for branch in 0..<branches {
        group.addTask {
          let request = PermitRequest(step: "b\(branch)", shares: [PoolShare(pool: "p", max: max)], at: now)
          while try await journal.request(request, by: claim) != .granted {
            try await Task.sleep(for: .milliseconds(2))
          }
          var slot = 0
          while open("\(slots)/\(slot)", O_CREAT | O_EXCL | O_RDWR, 0o600) < 0 {
            slot += 1
            if slot == max { return say("too many") }
          }
          try await Task.sleep(for: .milliseconds(1))
          unlink("\(slots)/\(slot)")
          try await journal.write(.withdraw(step: request.step, at: now), by: claim)
          say("through")
        }
      }
      try await group.waitForAll()
    }
    claim.release()
  }

  static var now: Moment { SystemClock().now }

  /// One write, so that lines of several threads do not mix.
  static func say(_ text: String) {
    let line = text + "\n"
    _ = Glibc.write(STDOUT_FILENO, line, line.utf8.count)
  }
}
