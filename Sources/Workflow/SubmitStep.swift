internal import Clock
internal import Journal

/// A submit's place in the journal.
struct SubmitStep: Sendable {
  let ledger: Ledger
  let key: String
  /// The Command Center's own identity.
  var server: String

  /// Goes out at the end of the job's description, so that its jobs can be found again.
  func token(attempt number: Int) -> String {
    "cvlua \(ledger.run) \(ContentHash.of(key.utf8).prefix(8)).\(number)"
  }

  /// What every token begins with, by which a job that somebody else made is told.
  static let tokenStart = "cvlua "

  func attempt(_ number: Int, latest: Moment) -> Journal.Attempt {
    Journal.Attempt(number: number, token: token(attempt: number), sendBefore: latest)
  }

  func jobs(_ ids: [String]) -> [Job] { ids.map { Job(server: server, id: $0) } }

  /// How long a submit may wait for its turn where nothing else bounds it.
  static let patience = Duration.seconds(24 * 3600)
}
