internal import Glibc
import Journal
import Synchronization

/// Named points of a run at which a test ends the process as a power cut would, by SIGKILL: CVLUA_CRASH_AT names
/// one, CVLUA_CRASH_LIST a file that takes the names of all that were passed. In a usual run there is neither, and
/// nothing of this costs anything.
enum CrashPoints {
  private static let wanted = getenv("CVLUA_CRASH_AT").map { String(cString: $0) }
  private static let list = getenv("CVLUA_CRASH_LIST").map { String(cString: $0) }
  private static let counts = Mutex<[String: Int]>([:])

  static var areWanted: Bool { wanted != nil || list != nil }

  /// - Parameter name: what is about to be done or has been done; the second time it is `name (2)`.
  static func pass(_ name: String) {
    guard areWanted else { return }
    let count = counts.withLock { counts in
      counts[name, default: 0] += 1
      return counts[name] ?? 1
    }
    let whole = count == 1 ? name : "\(name) (\(count))"
    if let list {
      let file = open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      let line = Array("\(whole)\n".utf8)
      _ = write(file, line, line.count)
      close(file)
    }
    guard whole == wanted else { return }
    kill(getpid(), SIGKILL)
    while true { pause() }
  }

  /// Points before and after each transaction of the journal, by what is in it.
  static var ofJournal: JournalHooks {
    guard areWanted else { return JournalHooks() }
    return JournalHooks(
      beforeCommit: { written throws(JournalError) in
        for name in written.flatMap(names) { pass("before \(name)") }
      },
      afterCommit: { written in for name in written.flatMap(names) { pass("after \(name)") } })
  }

  private static func names(_ written: Written) -> [String] {
    switch written {
    case .created: ["run created"]
    case .claimed: ["run claimed"]
    case .changes(_, let changes), .permits(_, _, _, let changes): changes.compactMap(name)
    case .messages, .pruned: []
    }
  }

  private static func name(_ change: Change) -> String? {
    switch change {
    case .begin(let step): "intent@\(step.key)"
    case .sendAgain(let step, _): "again@\(step)"
    case .submitted(let step, _, _, _): "ids@\(step)"
    case .adopted(let step, _, _, _): "adopted@\(step)"
    case .settle(let step, let state, _, _, _): "\(state.rawValue)@\(step)"
    case .jobEnded(let job, _): "ended@\(job.id)"
    case .run(let state, _, _): "run \(state.rawValue)"
    case .remember(let name, _, _): "remember@\(name)"
    case .withdraw, .source, .message: nil
    }
  }
}
