import CommandCenter
import LuaVM
import Scripting
import Simulator
import Workflow

/// The Command Centers of one run: simulated ones, or those of profiles.
protocol Commcells: Sendable {
  /// The Command Center of that name, or the run's own where nil; made at its first use.
  func center(_ name: String?) throws(LuaFailure) -> CommandCenter

  /// Returns when something may be submitted or changed there. Called with a hold on the clock.
  func permit(_ center: CommandCenter) async throws(LuaFailure)

  /// The secret of that name, for a script.
  func secret(_ name: String) throws(LuaFailure) -> SecretSource

  /// Whether the attempt's target was made up for its submit.
  func isInvented(_ attempt: Attempt) -> Bool

  /// Ends all sessions that began here. Called with a hold on the clock.
  func close() async

  /// What to tell of them at the end of the run; whole after ``close()``.
  var remarks: CommcellRemarks { get }
}

/// What a recap tells of a run's Command Centers.
struct CommcellRemarks {
  /// Where the run went, and as whom: a line each.
  var places: [String] = []
  /// What an operator should know.
  var warnings: [String] = []
  /// How many requests went out.
  var requests: String?
  /// What of a rehearsal's faults met nothing.
  var misses: [FaultPlan.Miss] = []
}
