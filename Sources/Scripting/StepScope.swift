import LuaVM
import Workflow

/// The function of a `flow.step`, while a branch runs it. A run that is taken up again does not call it again, so
/// what it does is counted by itself: keys of the journal, branches, random numbers. Else what comes after the step
/// would not be what it was.
final class StepScope {
  /// What the script calls the step.
  let name: String
  /// What keys of the journal have of it: `list`, or `list+inner` for a step in a step.
  let key: String
  /// What its branch goes on with after it.
  private let lineage: Lineage?
  private let chance: Chance?

  /// Begins it for the branch.
  init(_ name: String, of branch: Branch, _ core: Core) {
    self.name = name
    lineage = Lineage.of(branch)
    key = Self.key(of: name, in: branch)
    chance = core.divertChance(of: branch)
    let path = lineage.map(\.path) ?? ""
    Lineage.set(
      Lineage("\(path)@\(key)", losesRace: lineage?.losesRace ?? false, step: self, runsStep: true),
      of: branch)
  }

  /// Ends it for the branch that has begun it.
  func end(of branch: Branch) {
    branch.restoreChance(chance)
    Lineage.set(lineage, of: branch)
  }

  /// What the keys of a step have of it.
  static func key(of name: String, in branch: Branch?) -> String {
    let outer = Lineage.of(branch)?.step.map { "\($0.key)+" } ?? ""
    var text = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
      }
    }
    return outer + text
  }

  /// Refuses what a run that is taken up again would lack: it would not come to it.
  static func refuse(_ call: Stack, _ function: String) throws(LuaFailure) {
    guard let step = Lineage.of(call.branch)?.step else { return }
    throw .argument(
      "\(function): not within flow.step \"\(step.name)\", whose function a run that is taken up again does not call; do it after the step, by what that returned"
    )
  }
}
