/// What a simulated Command Center has seen, for tests and recaps.
public struct SimulatorView: Hashable, Sendable {
  /// How often something was asked.
  public struct RequestCount: Hashable, Sendable {
    public var method: String
    /// As API pages write it, such as `/Job/{id}`; `?` for paths that the server does not know.
    public var path: String
    public var count: Int
  }

  public struct Job: Hashable, Sendable {
    public var jobId: Int64
    public var taskId: Int64
    /// The workload by its kind, such as `dynamodb`.
    public var workload: String
    /// The target as the submit named it, such as `aws-prod/DynamoDB/1042`.
    public var target: String
    /// As a job list shows it now.
    public var status: String
    /// The description that the submit carried.
    public var description: String
    /// Who submitted it; backups of others are there where a fault wants them.
    public var user: String
    /// Whether the target stood in no inventory but was made up for the submit.
    public var isInvented: Bool
  }

  /// By method and path, sorted.
  public var requests: [RequestCount]
  /// By id, ascending.
  public var jobs: [Job]

  /// How many requests there were of this method and path.
  public func count(_ method: String, _ path: String) -> Int {
    requests.first { $0.method == method && $0.path == path }?.count ?? 0
  }

  /// How many requests there were in all.
  public var requestCount: Int { requests.reduce(0) { $0 + $1.count } }
}
