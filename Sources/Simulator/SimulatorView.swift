public import Clock

/// What a simulated Command Center has seen, for tests and recaps.
public struct SimulatorView: Hashable, Sendable {
  /// How often something was asked.
  public struct RequestCount: Hashable, Sendable {
    public var method: String
    /// As API pages write it, such as `/Job/{id}`; `?` for paths that the server does not know.
    public var path: String
    public var count: Int
  }

  /// How close requests of one kind came to their limit.
  public struct Usage: Hashable, Sendable {
    /// So many an hour are taken; nil where all are.
    public var limit: Int?
    /// The most that were taken in any hour of the simulator's clock.
    public var mostInAnHour: Int
    /// How many were answered 429 for that limit.
    public var refused: Int

    init(_ counter: HourlyCounter) {
      limit = counter.limit
      mostInAnHour = counter.mostInAnHour
      refused = counter.refused
    }
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
    public var submitted: Moment
    /// Nil while it has not ended.
    public var ended: Moment?
    /// Who submitted it; backups of others are there where a fault wants them.
    public var user: String
    /// Whether the target stood in no inventory but was made up for the submit.
    public var isInvented: Bool
  }

  /// By method and path, sorted.
  public var requests: [RequestCount]
  /// Requests that make or change something, logins among them.
  public var writes: Usage
  /// Requests that only ask.
  public var reads: Usage
  /// By id, ascending.
  public var jobs: [Job]

  /// The most jobs that were there at once, by when each was submitted and when it ended.
  public var mostAtOnce: Int {
    var changes: [(at: Moment, by: Int)] = []
    for job in jobs {
      changes.append((job.submitted, 1))
      if let ended = job.ended { changes.append((ended, -1)) }
    }
    var (now, most) = (0, 0)
    // At one moment, ends come before what they make room for.
    for change in changes.sorted(by: { ($0.at, $0.by) < ($1.at, $1.by) }) {
      now += change.by
      most = max(most, now)
    }
    return most
  }

  /// How many requests there were of this method and path.
  public func count(_ method: String, _ path: String) -> Int {
    requests.first { $0.method == method && $0.path == path }?.count ?? 0
  }

  /// How many requests there were in all.
  public var requestCount: Int { requests.reduce(0) { $0 + $1.count } }
}
