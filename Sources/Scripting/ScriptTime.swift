import Clock
import LuaVM
import Workflow

/// By how much the time that a branch is told is behind the clock's.
private final class Lag {
  var duration: Duration

  init(_ duration: Duration) { self.duration = duration }
}

/// What `os.time` and `os.date` tell. A run that is taken up again goes once more through what it has done: there
/// a branch is told the times at which that was done, so that it decides as it did; from its first new step on it
/// is told the clock's.
extension Session {
  /// Has the machine tell scripts the times of their branches.
  func keepTime() {
    guard let ledger = run.ledger, ledger.isReplaying else { return }
    let behind = clock.now - run.started
    core.lag = { branch in Self.lag(of: branch, behind)?.duration.wholeSeconds ?? 0 }
    firstLag = behind
  }

  private static func lag(of branch: Branch, _ first: Duration) -> Lag? {
    let key = ObjectIdentifier(Lag.self)
    if let known = branch.notes[key] as? Lag { return known }
    guard branch.parent == nil else { return nil }
    let new = Lag(first)
    branch.notes[key] = new
    return new
  }

  /// A branch that is started begins at the time of the one that starts it, and its random numbers hang on that
  /// one's.
  func adopt(_ branch: Branch, by parent: Branch?, losesRace: Bool = false) {
    core.deriveChance(of: branch, from: parent)
    if run.ledger != nil || Lineage.of(parent) != nil {
      Lineage.extend(branch, from: parent, losesRace: losesRace)
    }
    guard let firstLag, let parent, let lag = Self.lag(of: parent, firstLag) else { return }
    branch.notes[ObjectIdentifier(Lag.self)] = Lag(lag.duration)
  }

  /// A branch has come to something that happened at `moment`: its time never goes back.
  func advance(_ branch: Branch?, to moment: Moment) {
    guard let firstLag, let branch, let lag = Self.lag(of: branch, firstLag) else { return }
    lag.duration = max(.zero, min(lag.duration, clock.now - moment))
  }

  /// A branch has waited for another one.
  func advance(_ branch: Branch?, to other: Branch) {
    guard let firstLag, let branch, let lag = Self.lag(of: branch, firstLag) else { return }
    lag.duration = min(lag.duration, Self.lag(of: other, firstLag)?.duration ?? .zero)
  }
}

extension Duration {
  fileprivate var wholeSeconds: Int64 { components.seconds }
}
