import CommandCenter
import CommandCenterAPI

/// What a call of a workload is about to send: a payload that has passed all checks, and what it asks for.
struct Submission: Sendable {
  private(set) var payload: [UInt8]
  private(set) var facts: PayloadFacts
  /// For each target, the ids that are to be looked up; the payload has placeholders there. Empty where it is
  /// ready to be sent.
  private var missing: [[Workload.Lookup]]
  private let workload: Workload

  init(
    _ workload: Workload, _ payload: [UInt8], _ facts: PayloadFacts, missing: [[Workload.Lookup]] = []
  ) {
    self.workload = workload
    self.payload = payload
    self.facts = facts
    self.missing = missing
  }

  /// Why it cannot be sent.
  enum Failure: Error {
    /// Names that lead to no one thing, all of them.
    case mistakes(PayloadError)
    case failed(CommandCenterError)
  }

  /// Puts in the ids of what is named. Makes no request where nothing is to be looked up.
  mutating func identify(with center: CommandCenter) async throws(Failure) {
    if missing.isEmpty { return }
    var mistakes: [Mistake] = []
    var ids: [[String: Int64]] = []
    for (index, lookups) in missing.enumerated() {
      let association = missing.count > 1 ? index : nil
      do throws(LookupFailure) {
        let found = try await center.identify(
          facts.targets[index], lookups.map(\.level), of: workload, association: association)
        facts.targets[index] = found
        var own: [String: Int64] = [:]
        for lookup in lookups { own[lookup.level.idField] = found.id(lookup.level) }
        ids.append(own)
      } catch {
        switch error {
        case .mistake(let mistake): mistakes.append(mistake)
        case .failed(let why): throw .failed(why)
        }
      }
    }
    guard mistakes.isEmpty else {
      throw .mistakes(PayloadError(workload: workload.name, mistakes: mistakes))
    }
    payload = workload.payload(payload, with: ids)
    missing = []
  }
}
