import Clock
import CommandCenter
import Journal
import LuaVM
import Scripting
import Workflow

/// Closes runs of other nights whose processes are gone, after asking what became of what they had submitted.
struct EarlierRuns {
  private let store: SQLiteJournal
  private let clock: any RunClock
  /// Tonight's run waits for answers no longer than until then, for all of them.
  private let deadline: Moment

  private static let patience = Duration.seconds(10)

  init(_ store: SQLiteJournal, _ clock: any RunClock) {
    (self.store, self.clock) = (store, clock)
    deadline = clock.now + Self.patience
  }

  /// - Returns: nil where somebody else has it meanwhile.
  func close(
    _ run: RunRecord, telling recipients: [Recipient]
  ) async throws(JournalError) -> Recovery.Closing? {
    let claim: RunClaim
    do throws(JournalError) { claim = try await store.claim(run.id) } catch {
      switch error {
      case .runIsAlive, .runHasEnded: return nil
      default: throw error
      }
    }
    defer { claim.release() }
    let inquiry = run.isSimulated ? nil : await ask(run, try await store.history(of: run.id).steps)
    return try await Recovery(store, run, clock, telling: recipients).close(.nextRun(inquiry), by: claim)
  }

  /// Asks the Command Centers that the run used, as its own options name them.
  ///
  /// - Returns: nil where there is none to ask.
  private func ask(_ run: RunRecord, _ steps: [StepRecord]) async -> Inquiry? {
    let names = Inquiry.commcells(of: steps)
    let options = RunOptions(run.options)
    guard !names.isEmpty, clock.now < deadline,
      let profiles = try? await ConfigurationFiles.profiles(
        file: options.configurationFile, named: options.profile)
    else { return nil }
    var connections = ProfileConnections(profiles)
    var centers: [String: CommandCenter] = [:]
    for name in names { centers[name] = try? connections.connection(name).center }
    if centers.isEmpty { return nil }
    let inquiry = Inquiry(store, steps, at: centers, clock)
    clock.hold()
    await clock.within(deadline - clock.now) { await inquiry.ask() }
    // A server that is gone keeps nobody from tonight's work.
    await clock.within(.seconds(5)) { [connections] in await connections.close() }
    clock.release()
    return inquiry
  }
}
