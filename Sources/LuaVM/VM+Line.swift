internal import CLua
internal import CLuaShim
internal import Dispatch
internal import Synchronization

/// Lines of a session: each is a branch of its own, and what earlier ones have started goes on.
extension VM {
  /// What came of a line.
  public enum LineEnd<Answer: Sendable>: Sendable {
    /// It is the beginning of a chunk: more is to come.
    case incomplete
    /// It is no chunk, nor the beginning of one.
    case refused(LuaFailure)
    case ended(Answer)
  }

  /// Says that lines will come: no branch is taken for one that can never go on, and none keeps a line from
  /// its turn by ever more mail.
  public func expectLines() {
    core.expectMail()
    mailbox.becomeFair()
  }

  /// Runs a line until its own branch has ended; an expression's values are its results.
  ///
  /// - Parameter read: what is wanted of its end. Called on the machine's thread, while nothing runs.
  public func line<Answer: Sendable>(
    _ text: [UInt8], name: String, _ read: @escaping @Sendable (Core, BranchEnd) -> Answer
  ) async -> LineEnd<Answer> {
    // A string that is open where the line ends is a mistake, not a beginning.
    let text = text + [UInt8(ascii: "\n")]
    return await withCheckedContinuation { continuation in
      start(continuation, arguments: [], read) {
        guard core.load(Array("return ".utf8) + text, name: name, mode: "t") != nil,
          let failure = core.load(text, name: name, mode: "t")
        else { return nil }
        return isBeginning(text, name, failure) ? .incomplete : .refused(failure)
      }
    }
  }

  /// Runs a whole chunk as if it were a line: until its own branch has ended.
  public func line<Answer: Sendable>(
    _ chunk: Chunk, arguments: [String], _ read: @escaping @Sendable (Core, BranchEnd) -> Answer
  ) async -> LineEnd<Answer> {
    await withCheckedContinuation { continuation in
      start(continuation, arguments: arguments, read) { core.load(chunk, options).map { .refused($0) } }
    }
  }

  /// Lets the function that `load` pushes begin, unless it says why it does not. Not async: between the loading
  /// and the first step nothing else may come.
  private func start<Answer: Sendable>(
    _ continuation: CheckedContinuation<LineEnd<Answer>, Never>, arguments: [String],
    _ read: @escaping @Sendable (Core, BranchEnd) -> Answer, _ load: () -> LineEnd<Answer>?
  ) {
    guard !core.isClosed else {
      return continuation.resume(
        returning: .refused(LuaFailure("closed", "the virtual machine is closed")))
    }
    cvl_collect_near_limit(core.host, core.L)
    if let end = load() { return continuation.resume(returning: end) }
    lua_checkstack(core.L, Int32(arguments.count) + 2)
    for argument in arguments { core.push(argument, on: core.L) }
    options.hold()
    let line = core.makeBranch(from: core.L, arguments: Int32(arguments.count))
    core.line = line
    core.whenEnded(line) { core, end in
      core.line = nil
      continuation.resume(returning: .ended(read(core, end)))
    }
    core.drain()
    options.release()
  }

  /// Whether what failed to load, as a statement, could go on, as a statement or as an expression.
  private func isBeginning(_ text: [UInt8], _ name: String, _ failure: LuaFailure) -> Bool {
    let isCut = { (failure: LuaFailure) in failure.message.hasSuffix("<eof>") }
    if isCut(failure) { return true }
    guard let asExpression = core.load(Array("return ".utf8) + text, name: name, mode: "t") else {
      return false
    }
    return isCut(asExpression)
  }

  /// Interrupts the line, or what keeps it from running; other branches go on. A second time its clean-up
  /// is cut short. From any thread.
  public nonisolated func interruptLine() {
    // A branch that happens to run just now may be another one: only what keeps the machine busy is
    // interrupted itself.
    let request = LineRequest()
    mailbox.post { core in
      request.isTaken.withLock { $0 = true }
      switch Int(cvl_take_request(core.host)) {
      case Int(CVL_RUNS_ON), Int(CVL_LINE): break
      default: core.cancelAll(Core.interrupted)
      }
      guard let line = core.line else { return }
      if line.cancellation == nil { core.cancel(line, Core.interrupted) } else { core.kill(line) }
    }
    let interruption = interruption
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) {
      request.isTaken.withLock { if !$0 { interruption.send(CVL_LINE) } }
    }
  }

  /// How long a machine may be busy until what it does is interrupted.
  private static var patience: DispatchTimeInterval { .milliseconds(30) }
}

/// A Ctrl-C on its way to a machine.
private final class LineRequest: Sendable {
  let isTaken = Mutex(false)
}

extension Core {
  /// Whether the text is a chunk as it stands, and not only an expression.
  public func isChunk(_ text: String) -> Bool {
    guard load(Array(text.utf8), name: "=stdin", mode: "t") == nil else { return false }
    stack.pop()
    return true
  }

  /// A branch that has not ended, for people.
  public struct BranchView: Sendable {
    public let id: Int
    /// `file:line` of its innermost script function; nil where it has not begun.
    public let place: String?
    /// It belongs to the line that runs.
    public let isLine: Bool
  }

  /// All branches that have not ended, in the order of their start.
  public var branchViews: [BranchView] {
    branches.values.sorted { $0.id < $1.id }.map {
      BranchView(id: $0.id, place: $0.hasStarted ? place(of: $0.L) : nil, isLine: $0 === line)
    }
  }
}
