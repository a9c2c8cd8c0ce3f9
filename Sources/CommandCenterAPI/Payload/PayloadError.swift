/// Everything that is wrong with a payload, found before anything is sent.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
  public let workload: String
  public let mistakes: [Mistake]

  /// A field that is missing because its name was misspelt is one mistake, not two: the misspelling stays.
  public init(workload: String, mistakes: [Mistake]) {
    self.workload = workload
    let meant = Set(mistakes.compactMap(\.suggestion))
    self.mistakes = mistakes.filter { $0.kind != .missing || !meant.contains($0.field) }
  }

  /// The mistakes of both, those of `other` after these.
  public func and(_ other: PayloadError) -> PayloadError {
    PayloadError(workload: workload, mistakes: mistakes + other.mistakes)
  }

  /// The one mistake, or a line for each.
  public var description: String {
    guard mistakes.count != 1 else { return mistakes[0].description }
    return "\(mistakes.count) mistakes in a payload of \(workload):"
      + mistakes.map { "\n  " + $0.description }.joined()
  }
}
