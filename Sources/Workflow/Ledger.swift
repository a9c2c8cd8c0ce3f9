public import Journal
internal import Synchronization

/// The journal as one run sees it: what earlier lives of the run have done, and what this one does.
///
/// A script is run again from its top; a step that is on record is not done again but answers from there. Its
/// key says what it does and how often that was asked before, never where or in which order: `pairs` gives
/// another order in each process.
public final class Ledger: Sendable {
  fileprivate struct State {
    /// Steps on record that this life has not come to.
    var unclaimed: [String: StepRecord] = [:]
    /// Submits among them, by what they are about.
    var unclaimedSubmits: [String: [String]] = [:]
    /// Keys that were made within a step of the script's own, by that step.
    var within: [String: [String]] = [:]
    /// How often each thing was asked for in this life.
    var counts: [String: Int] = [:]
    /// The Command Center that each name of one stands for in this run, by its own word.
    var servers: [String: String] = [:]
    var failure: JournalError?
  }

  public let store: any JournalStore
  public let claim: RunClaim
  /// Its pools are its own.
  let isSimulated: Bool
  private let state: Mutex<State>

  public var run: RunID { claim.run }
  /// The run as commands take it.
  public var runName: String { run.description }

  /// - Parameter steps: of earlier lives of the run.
  public init(
    _ store: any JournalStore, _ claim: RunClaim, steps: [StepRecord] = [], isSimulated: Bool = false
  ) {
    self.store = store
    self.claim = claim
    self.isSimulated = isSimulated
    var state = State()
    for step in steps {
      state.unclaimed[step.key] = step
      for scope in StepKey.scopes(of: step.key) { state.within[scope, default: []].append(step.key) }
      if step.kind == .submit {
        state.unclaimedSubmits[Self.subject(of: step.key), default: []].append(step.key)
        if let server = step.server { state.servers[Self.commcell(of: step.key)] = server }
      }
    }
    self.state = Mutex(state)
  }

  /// The key of one more submit of that name. An earlier life of the run may have asked for it before in vain, with
  /// nothing on record: then it is the next one that is.
  func nextKey(_ name: String, argumentsHash: String) -> String {
    state.withLock { state in
      var count = (state.counts[name] ?? 0) + 1
      if !state.unclaimed.isEmpty, state.unclaimed["\(name) #\(count)"] == nil {
        let known = state.unclaimed.values.compactMap { record -> Int? in
          guard record.argumentsHash == argumentsHash, record.key.hasPrefix("\(name) #") else { return nil }
          return Int(record.key.dropFirst(name.utf8.count + 2)).flatMap { $0 > count ? $0 : nil }
        }
        count = known.min() ?? count
      }
      state.counts[name] = count
      return "\(name) #\(count)"
    }
  }

  /// The key of one more step of that name: `backup.rds:aws-prod/eu-west-1/crm FULL #1`.
  func nextKey(_ name: String) -> String {
    state.withLock { state in
      state.counts[name, default: 0] += 1
      return "\(name) #\(state.counts[name] ?? 1)"
    }
  }

  /// The step on record that the next one of that name would be; it stays there.
  func upcoming(_ name: String) -> StepRecord? {
    state.withLock { $0.unclaimed["\(name) #\(($0.counts[name] ?? 0) + 1)"] }
  }

  /// The step on record with that key, which this life has come to now; nil where it is new.
  ///
  /// - Throws: where the record is of something else.
  func replay(_ key: String, argumentsHash: String, place: String?) throws(RunStop) -> StepRecord? {
    guard let record = state.withLock({ $0.take(key) }) else { return nil }
    guard record.argumentsHash == argumentsHash else {
      throw .diverged(
        Divergence(
          history: "\(key) with other fields (\(Self.line(record.place)))",
          script: "\(key) (\(Self.line(place)))"))
    }
    return record
  }

  /// Takes what an earlier life of the run has done within a finished step of the script's own, which is not called
  /// again.
  ///
  /// - Parameter scope: what the keys have of it that were made within.
  /// - Returns: the submits among it, in the order of their beginning; nil where one of them is open, and nothing was
  ///   taken.
  func takeSubmits(within scope: String) -> [StepRecord]? {
    state.withLock { state in
      let inside = (state.within[scope] ?? []).compactMap { state.unclaimed[$0] }
      let submits = inside.filter { $0.kind == .submit }
      guard submits.allSatisfy(\.state.isEnd) else { return nil }
      for record in inside { _ = state.take(record.key) }
      return submits.sorted { ($0.startedAt, $0.key) < ($1.startedAt, $1.key) }
    }
  }

  /// Refuses a new submit of something that the record holds a submit of which this life has not come to: it
  /// could be the same one under another name.
  func refuseSecond(_ key: String, place: String?) throws(RunStop) {
    let known = state.withLock { state in
      state.unclaimedSubmits[Self.subject(of: key)]?.first.flatMap { state.unclaimed[$0] }
    }
    guard let known else { return }
    throw .diverged(
      Divergence(
        history: "\(known.key) (\(Self.line(known.place)))",
        script: "\(key) (\(Self.line(place)))"))
  }

  /// Refuses a submit to another Command Center than the one that the name has stood for in this run.
  func requireServer(_ server: String, of key: String) throws(RunStop) {
    let known = state.withLock { state in
      let name = Self.commcell(of: key)
      if state.servers[name] == nil { state.servers[name] = server }
      return state.servers[name]
    }
    guard known == server else { throw .otherServer(step: key) }
  }

  /// Submits on record that the script has not come to again, in the order of their keys.
  public var unclaimedSubmits: [StepRecord] {
    state.withLock { state in
      state.unclaimed.values.filter { $0.kind == .submit }.sorted { $0.key < $1.key }
    }
  }

  /// Whether an earlier life of the run has left steps that this one has not come to.
  public var isReplaying: Bool { state.withLock { !$0.unclaimed.isEmpty } }

  /// What is wrong with the disk, since when nothing new is submitted; nil while it works.
  public var failure: JournalError? { state.withLock { $0.failure } }

  /// Writes down, and returns when it is on disk.
  ///
  /// - Returns: the pools in which that made room.
  @discardableResult
  func write(_ changes: [Change]) async throws(RunStop) -> [String] {
    try await noting { () async throws(JournalError) in try await store.write(changes, by: claim) }
  }

  /// Asks for permits, and writes `changes` down with them where they are granted.
  func request(_ permits: PermitRequest, writing changes: [Change]) async throws(RunStop) -> PermitAnswer {
    try await noting { () async throws(JournalError) in
      try await store.request(permits, writing: changes, by: claim)
    }
  }

  /// What runs of the script have remembered under that name.
  func memory(_ name: String) async throws(RunStop) -> [UInt8]? {
    try await noting { () async throws(JournalError) in try await store.memory(name, of: claim) }
  }

  private func noting<Value: Sendable>(
    _ body: () async throws(JournalError) -> Value
  ) async throws(RunStop) -> Value {
    do throws(JournalError) {
      let value = try await body()
      state.withLock { $0.failure = nil }
      return value
    } catch {
      if error.isOfTheDisk { state.withLock { $0.failure = error } }
      throw .journal(error)
    }
  }

  /// A place without the folders of its file: each life of a run may have the script by another path.
  private static func line(_ place: String?) -> String {
    place?.split(separator: "/").last.map(String.init) ?? "an unknown line"
  }

  /// What a submit is about: its key without the level and the count.
  fileprivate static func subject(of key: String) -> String {
    key.split(separator: " ").dropLast(2).joined(separator: " ")
  }

  /// What a submit's key has before `backup.`: the Command Center's name in the script, where that is not the usual
  /// one.
  fileprivate static func commcell(of key: String) -> String {
    key.firstRange(of: "backup.").map { String(key[..<$0.lowerBound]) } ?? ""
  }
}

extension Ledger.State {
  fileprivate mutating func take(_ key: String) -> StepRecord? {
    guard let record = unclaimed.removeValue(forKey: key) else { return nil }
    if record.kind == .submit {
      let subject = Ledger.subject(of: key)
      let rest = unclaimedSubmits[subject]?.filter { $0 != key } ?? []
      unclaimedSubmits[subject] = rest.isEmpty ? nil : rest
    }
    return record
  }
}

/// Why a run stops where it is, to be resumed: going on could lose or double a backup.
public enum RunStop: Error, Sendable {
  case diverged(Divergence)
  case journal(JournalError)
  /// The branch that asked has been cancelled.
  case withdrawn
  /// Behind the URL is another Command Center than before.
  case otherServer(step: String)

  public var sentence: String {
    switch self {
    case .diverged(let divergence): divergence.description
    case .journal(let error): error.description
    case .withdrawn: BackupRequest.withdrawn
    case .otherServer(let step):
      "behind the URL is another Command Center than the one that this run has submitted to, so \(step) is not submitted there; set the URL right and resume"
    }
  }
}

/// Where a script and the record of its run part.
public struct Divergence: Hashable, Sendable, CustomStringConvertible {
  /// What the record says was done.
  public var history: String
  /// What the script asks for in its place.
  public var script: String

  public var description: String {
    """
    the script does something else than it did before the run was interrupted, so nothing more is submitted
      history: \(history)
      script:  \(script)
    """
  }
}
