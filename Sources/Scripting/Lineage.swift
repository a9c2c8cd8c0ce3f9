import LuaVM

/// Where a branch comes from, the same in each life of a run: the journal's keys of sleeps and races hold it, since
/// the order in which branches come to them differs.
final class Lineage {
  /// `2.1`: the first branch that the second branch of the main chunk started; empty for the main chunk.
  let path: String
  /// It lost a race in an earlier life of the run: what it had not done then it does not do.
  let losesRace: Bool
  private var children = 0

  private init(_ path: String, losesRace: Bool) { (self.path, self.losesRace) = (path, losesRace) }

  static func of(_ branch: Branch?) -> Lineage? {
    branch?.notes[ObjectIdentifier(Lineage.self)] as? Lineage
  }

  /// Notes that `parent` has started `branch`.
  static func extend(_ branch: Branch, from parent: Branch?, losesRace: Bool) {
    let key = ObjectIdentifier(Lineage.self)
    guard let parent else { return }
    let known = of(parent) ?? Lineage("", losesRace: false)
    parent.notes[key] = known
    known.children += 1
    let path = known.path.isEmpty ? "\(known.children)" : "\(known.path).\(known.children)"
    branch.notes[key] = Lineage(path, losesRace: known.losesRace || losesRace)
  }

  /// A place with the branch that is there: `night.lua:12 in 2.1`.
  static func place(_ call: Stack) -> String? {
    guard let path = of(call.branch)?.path, !path.isEmpty else { return call.place }
    return "\(call.place ?? "?") in \(path)"
  }
}
