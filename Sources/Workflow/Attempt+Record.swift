internal import Clock
public import Journal

extension Attempt {
  /// A submit as the journal has it; nil for another kind of step.
  public init?(_ record: StepRecord) {
    guard record.kind == .submit, let colon = record.key.firstIndex(of: ":") else { return nil }
    let words = record.key[..<colon].split(separator: ".")
    let rest = record.key[record.key.index(after: colon)...].split(separator: " ")
    guard let workload = words.last, rest.count >= 2 else { return nil }
    // Behind it may stand the step that it was asked for in.
    let level = rest[rest.count - 2].prefix { $0 != "@" }
    self.init(
      number: 0, commcell: words.count > 2 ? String(words[0]) : "default", workload: String(workload),
      target: rest.dropLast(2).joined(separator: " "), attempt: 1,
      levelAsked: level == "-" ? nil : String(level), started: record.startedAt,
      place: record.place)
    jobIds = record.jobs.map(\.job.id)
    guard let result = record.result, take(result: result) else {
      reason = record.note
      return
    }
  }
}
