internal import CLua

/// One strand of a script: a coroutine of its own that the host resumes. The main chunk is one too.
public final class Branch {
  /// Unique in the machine; the main chunk's is 1.
  public let id: Int
  /// The branch that started it; nil for the main chunk.
  public let parent: Int?
  let L: OpaquePointer
  /// Keeps the coroutine alive; nil when the branch has ended, for a handle may outlast it by far.
  var anchor: LuaReference?
  var generation: UInt64 = 0
  var wait: PendingWait?
  var hasStarted = false
  var argumentCount: Int32 = 0
  /// Why it was cancelled; waits outside clean-up raise it again.
  public internal(set) var cancellation: LuaFailure?
  /// By what its code was interrupted, though it may be its clean-up that runs since.
  var interruption = 0
  /// How often a wait was refused since it was cancelled.
  var refusals = 0
  /// True while what it deferred runs: that may wait, though the branch is cancelled.
  var isCleaningUp = false
  /// What runs when it ends, last first.
  var deferred: [LuaReference] = []
  /// True where someone will look at how it ends; else a failure is reported as lost.
  public var isAwaited = false
  public internal(set) var hasEnded = false
  var onEnd: [(Core, BranchEnd) -> Void] = []
  /// Its random numbers; nil until it draws one or is given them.
  var chance: Chance?
  /// What the layers above keep with a branch.
  public var notes: [ObjectIdentifier: AnyObject] = [:]

  init(id: Int, parent: Int?, L: OpaquePointer, anchor: LuaReference) {
    self.id = id
    self.parent = parent
    self.L = L
    self.anchor = anchor
  }
}

/// How a branch ended.
public enum BranchEnd {
  /// It returned: the values, as one reference each.
  case returned([LuaReference])
  /// It raised: what a host reads of it, and the value itself for scripts.
  case raised(LuaFailure, LuaReference)

  public var failure: LuaFailure? {
    if case .raised(let failure, _) = self { failure } else { nil }
  }
}

/// Names one wait of one branch, from any thread. A late answer to a wait that is over is dropped.
public struct Ticket: Sendable {
  let branch: Int
  let generation: UInt64
  public let mailbox: Mailbox

  /// Ends the wait with the values that `push` pushes; it returns their count. From any thread.
  public func resolve(_ push: @escaping @Sendable (Stack) -> Int) {
    mailbox.post { core in core.resume(self, .values(push)) }
  }

  /// Ends the wait by raising `failure` in the branch. From any thread.
  public func fail(_ failure: LuaFailure) {
    mailbox.post { core in core.resume(self, .failure(failure)) }
  }
}

/// A wait that a branch is in.
struct PendingWait {
  /// True where only another thread or the clock ends it.
  let isExternal: Bool
  /// The script's coroutines that the branch is in, innermost first. Each is on the stack of its resumer, so it
  /// lives as long as the wait.
  let coroutines: [OpaquePointer]
  /// Called where the branch is cancelled while it waits.
  let onCancel: ((Core) -> Void)?
}

/// With what a branch goes on.
enum Resumption {
  case start
  case values((Stack) -> Int)
  case failure(LuaFailure)
  case value(LuaReference, raised: Bool)
}
