/// All that is known of a run: what a resume answers from.
public struct RunHistory: Hashable, Sendable {
  public var run: RunRecord
  /// From a source's name to its ``ContentHash``; the bytes come from ``JournalStore/source(_:)``.
  public var sources: [String: String]
  /// In the order in which they began.
  public var steps: [StepRecord]
}
