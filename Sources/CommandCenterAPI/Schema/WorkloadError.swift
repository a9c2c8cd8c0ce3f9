/// Why a declaration makes no workload.
public struct WorkloadError: Error, Hashable, Sendable, CustomStringConvertible {
  public let workload: String
  /// One sentence each, without a full stop.
  public let mistakes: [String]

  public init(workload: String, mistakes: [String]) {
    self.workload = workload
    self.mistakes = mistakes
  }

  public var description: String {
    "the declaration of workload \"\(workload)\" is wrong: " + mistakes.joined(separator: "; ")
  }
}
