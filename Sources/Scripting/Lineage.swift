import LuaVM

/// Where a branch comes from, the same in each life of a run: the journal's keys of sleeps and races hold it, since
/// the order in which branches come to them differs.
final class Lineage {
  /// `2.1`: the first branch that the second branch of the main chunk started; empty for the main chunk.
  let path: String
  /// It lost a race in an earlier life of the run: what it had not done then it does not do.
  let losesRace: Bool
  /// The step of the script's own that it is in, as the journal's keys name it; nil outside of any.
  let step: StepScope?
  /// It runs that step's function itself, and was not started by it.
  let runsStep: Bool
  private var children = 0

  init(_ path: String, losesRace: Bool, step: StepScope? = nil, runsStep: Bool = false) {
    (self.path, self.losesRace, self.step, self.runsStep) = (path, losesRace, step, runsStep)
  }

  static func of(_ branch: Branch?) -> Lineage? {
    branch?.notes[ObjectIdentifier(Lineage.self)] as? Lineage
  }

  static func set(_ lineage: Lineage?, of branch: Branch) {
    branch.notes[ObjectIdentifier(Lineage.self)] = lineage
  }

  /// Notes that `parent` has started `branch`.
  static func extend(_ branch: Branch, from parent: Branch?, losesRace: Bool) {
    guard let parent else { return }
    let known = of(parent) ?? Lineage("", losesRace: false)
    set(known, of: parent)
    known.children += 1
    let path = known.path.isEmpty ? "\(known.children)" : "\(known.path).\(known.children)"
    set(Lineage(path, losesRace: known.losesRace || losesRace, step: known.step), of: branch)
  }

  /// A place with the branch that is there: `night.lua:12 in 2.1`.
  static func place(_ call: Stack) -> String? {
    guard let path = of(call.branch)?.path, !path.isEmpty else { return call.place }
    return "\(call.place ?? "?") in \(path)"
  }
}
