public import Clock
public import CommandCenterAPI
import HTTPTypes

extension CommandCenter {
  /// Sends `POST /createtask`. It is sent again only where certainly nothing was done: the token had died, the
  /// server could not be reached at all, or it said that there were too many requests; the last is waited
  /// for, and so is its turn under the server's limits, until the task is cancelled.
  ///
  /// - Parameters:
  ///   - payload: JSON in UTF-8.
  ///   - latest: a moment after which it is not sent any more, but fails as `.tooLate`; it does not wait longer than
  ///     that for its turn.
  ///   - isWanted: asked right before it is sent; where nobody wants it any more it fails as `.cancelled`.
  /// - Throws: `.busy` and `.rejected` where the server said no; `.ambiguous` where a job may have been made;
  ///   `.unreachable`, `.notLoggedIn`, `.rateLimited`, `.tooLate`, `.cancelled` where none was.
  public func submit(
    _ payload: [UInt8], latest: Moment? = nil, isWanted: (@Sendable () -> Bool)? = nil
  ) async throws(CommandCenterError) -> SubmitAnswer {
    var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
    var tries = 1
    while true {
      // A login has had tries of its own.
      _ = try await ticket()
      do throws(CommandCenterError) {
        return try await submitOnce(payload, latest, isWanted)
      } catch {
        guard error.mayPass, tries < Self.mostTries else { throw error }
      }
      tries += 1
      try await pause(for: jitter.around(backoff.delay))
      backoff.advance()
    }
  }

  private func submitOnce(
    _ payload: [UInt8], _ latest: Moment?, _ isWanted: (@Sendable () -> Bool)?
  ) async throws(CommandCenterError) -> SubmitAnswer {
    let answer = try await exchange(
      .post, "/createtask", payload, for: .submit, isHarmless: false, latest: latest, isWanted: isWanted)
    do {
      return try decodeSubmit(status: answer.status, body: answer.body)
    } catch {
      throw CommandCenterError(error, isHarmless: false)
    }
  }
}
