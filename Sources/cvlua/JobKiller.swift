import Clock
import CommandCenter
import CommandCenterAPI
import Journal
import LuaVM
import Scripting

/// Kills jobs of a run at their Command Centers.
struct JobKiller {
  /// What became of a job.
  enum Fate {
    case killed
    /// It had ended by itself, so.
    case ended(String)
    /// The Command Center does not know it any more.
    case gone
    case failed(String, isUnreachable: Bool)
  }

  private var connections: ProfileConnections
  /// Those that could not be reached, and why: nobody waits for them once for each job.
  private var unreachable: [String: Fate] = [:]

  init(_ profiles: Profiles) { connections = ProfileConnections(profiles) }

  /// - Parameters:
  ///   - job: one that a run of ours has made.
  ///   - commcell: the Command Center's name in the script.
  mutating func kill(_ job: Job, at commcell: String) async -> Fate {
    if let known = unreachable[commcell] { return known }
    let fate = await tryToKill(job, at: commcell)
    if case .failed(_, isUnreachable: true) = fate { unreachable[commcell] = fate }
    return fate
  }

  private mutating func tryToKill(_ job: Job, at commcell: String) async -> Fate {
    guard let id = Int64(job.id) else { return .failed("it has no number", isUnreachable: false) }
    do {
      let center = try connections.connection(commcell).center
      // Another one has other jobs under the same numbers.
      if !job.server.isEmpty, try await center.identity() != job.server {
        return .failed(
          "behind the URL is another Command Center than the one that runs it", isUnreachable: false)
      }
      if let fate = try await Self.end(of: id, at: center) { return fate }
      do throws(CommandCenterError) { try await center.kill(id) } catch {
        // It may have ended before the question came.
        return try await Self.end(of: id, at: center) ?? Self.failure(error)
      }
      return .killed
    } catch let error as CommandCenterError {
      return Self.failure(error)
    } catch let error as LuaFailure {
      return .failed(error.sentence, isUnreachable: true)
    } catch {
      return .failed("\(error)", isUnreachable: false)
    }
  }

  /// Ends all sessions.
  func close() async { await connections.close() }

  /// What has become of a job without us; nil where it runs.
  private static func end(
    of job: Int64, at center: CommandCenter
  ) async throws(CommandCenterError) -> Fate? {
    do throws(CommandCenterError) {
      guard let summary = try await center.job(job) else { return .gone }
      return summary.status.isTerminal ? .ended(summary.status.name) : nil
    } catch {
      guard error.kind == .notFound else { throw error }
      return .gone
    }
  }

  private static func failure(_ error: CommandCenterError) -> Fate {
    .failed(error.message, isUnreachable: [.unreachable, .notLoggedIn].contains(error.kind))
  }
}
