public import Clock

/// A client of one Command Center: one session, one shared job watcher, and typed errors.
///
/// All requests run with a hold on the clock, which their caller must have; see ``RunClock``. Waiting, between
/// two tries or for somebody else's login, gives it back meanwhile.
public actor CommandCenter {
  /// What scripts call it.
  public nonisolated let name: String
  public nonisolated let endpoint: Endpoint
  public nonisolated let credentials: Credentials
  /// How long until a request that was sent can no longer be under way, and what it made shows in lists.
  public nonisolated let settle: Duration
  /// How long a run waits for a backup there where its script says nothing else; nil for as long as it takes.
  public nonisolated let patience: Duration?
  /// How submits are marked, so that their jobs are found again whatever happens.
  public nonisolated let marking: SubmitMarking
  /// The patience of a profile that names none.
  public static let usualPatience = Duration.seconds(12 * 3600)

  let transport: any Transport
  let clock: any RunClock
  let observer: @Sendable (CommandCenterEvent) -> Void

  var session: Session
  /// Requests that wait for somebody else's login, to be told why it failed, or nil.
  var loginWaiters: [@Sendable (CommandCenterError?) -> Void] = []
  /// When a token was last taken.
  var lastUse: Moment?
  /// A timer is set that uses the token for its own sake.
  var isKeptAlive = false

  /// A pair of tokens that could not be stored, and the lock that keeps others from the void one that is.
  var unsaved: (pair: TokenPair, lock: any TokenLock)?

  var budget: RateBudget
  /// Requests in line, by their numbers, to be told whether they may go or were cancelled.
  var budgetWaiters: [Int: @Sendable (Bool) -> Void] = [:]
  var budgetTimer: (id: TimerID, deadline: Moment)?
  var forecast = Forecast()

  var jitter: Jitter
  /// How far ahead of ours the server's clock is, by its last answer that told; good to about a second.
  public internal(set) var clockSkew: Duration?

  /// What has been looked up, by the path that was asked for; good until somebody wants it fresh.
  var lookups: [String: Looked] = [:]
  /// Who waits for what is being looked up right now.
  var lookupWaiters: [String: [@Sendable (Result<Looked, CommandCenterError>) -> Void]] = [:]

  var watcher = WatcherState()
  var handlers: [Int64: [Watch]] = [:]
  var lastWatch: UInt64 = 0
  var isWatching = false
  var nap: Nap?

  /// How many requests have been sent.
  public internal(set) var traffic = Traffic()

  /// Where the watcher's task prefers to be, and others that work for this client; nil for the runtime's own
  /// choice.
  public nonisolated let taskExecutor: (any TaskExecutor)?
  private nonisolated let executor: UnownedSerialExecutor
  /// Keeps the executor alive, of which the actor itself holds no reference.
  private nonisolated let executorOwner: any Sendable

  /// - Parameters:
  ///   - executor: where all of this client's work is done. In a simulation that is the thread that the
  ///     whole run is on, so that everything happens in one order; it should be a `TaskExecutor`, too, since a
  ///     task that has slept comes back by way of the executor it prefers. Nil means one of its own.
  ///   - limits: how many requests the server grants, as far as that is known beforehand.
  ///   - seed: of the chance in how long to wait before another try.
  ///   - observer: is called on the executor.
  public init(
    name: String, endpoint: Endpoint, credentials: Credentials, transport: any Transport,
    clock: any RunClock, executor: (any SerialExecutor)? = nil, limits: RateLimits = .none,
    settle: Duration = .seconds(60), patience: Duration? = CommandCenter.usualPatience,
    marking: SubmitMarking = SubmitMarking(), seed: UInt64 = 0,
    observer: @escaping @Sendable (CommandCenterEvent) -> Void = { _ in }
  ) {
    self.name = name
    self.endpoint = endpoint
    self.credentials = credentials
    self.settle = settle
    self.patience = patience
    self.marking = marking
    self.transport = transport
    self.clock = clock
    self.observer = observer
    session = Session(credentials)
    budget = RateBudget(limits)
    jitter = Jitter(seed: seed)
    taskExecutor = executor as? any TaskExecutor
    if let executor {
      executorOwner = executor
      self.executor = executor.asUnownedSerialExecutor()
    } else {
      let lane = Lane()
      executorOwner = lane
      self.executor = lane.unownedExecutor
    }
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor }
}

/// How submits of a run with a journal are marked, so that their jobs are found again whatever happens.
public struct SubmitMarking: Hashable, Sendable {
  /// The job's description ends in a token of this one submit.
  public var hasTag = true
  /// The job is made suspended, and starts when its id is on disk.
  public var isTwoPhase = false

  public init(hasTag: Bool = true, isTwoPhase: Bool = false) {
    self.hasTag = hasTag
    self.isTwoPhase = isTwoPhase
  }
}

/// Lends its executor, the runtime's own for actors, to a client that was given none.
private actor Lane {}

/// How many requests a client has sent, by what they were for.
public struct Traffic: Hashable, Sendable {
  public var logins = 0
  public var submits = 0
  /// Asked by the watcher on behalf of all who wait.
  public var polls = 0
  /// Everything else.
  public var others = 0

  public init() {}

  public var total: Int { logins + submits + polls + others }
}

extension CommandCenter {
  /// What a request is for.
  enum Purpose {
    case login, submit, poll, other
  }

  func count(_ purpose: Purpose) {
    switch purpose {
    case .login: traffic.logins += 1
    case .submit: traffic.submits += 1
    case .poll: traffic.polls += 1
    case .other: traffic.others += 1
    }
  }
}
