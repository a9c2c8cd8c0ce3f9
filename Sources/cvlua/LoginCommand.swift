import ArgumentParser
import Clock
import CommandCenter
import CommandCenterAPI
internal import Glibc
import LuaVM
import Scripting
import Terminal

/// `cvlua login`: tries a profile's way in; where that is an access token, takes one and stores it.
struct LoginCommand: Subcommand {
  static let abstract = """
    Tries how a profile gets into its Command Center. For one with access_token_file it first asks for the two \
    tokens that were made there (or reads them from standard input, a line each) and stores them, mode 0600.
    """

  @OptionGroup var options: ProfileOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let profile = try await options.own()
    let connection: Connection
    do throws(LuaFailure) {
      if let path = profile.accessTokenFile { try await store(path) }
      connection = try Connection(profile, clock: SystemClock())
    } catch {
      throw UsageError(error.message)
    }
    defer { withExtendedLifetime(connection) {} }
    do throws(CommandCenterError) {
      let clients = try await connection.center.clients().count
      await connection.center.logOut()
      print("\(connection.place): logged in; it shows \(clients) client\(clients == 1 ? "" : "s")")
      if profile.accessTokenFile == nil { print("nothing is stored: each run logs in by itself") }
      await connection.close()
      return 0
    } catch {
      output.line("cvlua login: \(connection.place): \(error.message)")
      await connection.close()
      return 18
    }
  }

  /// Takes a pair of tokens and stores it. One that is there already is good for nothing better than to be
  /// replaced, or nobody would ask.
  private func store(_ path: String) async throws(LuaFailure) {
    let file = TokenFile(path: path)
    let access = try await token("access token: ")
    let refresh = try await token("refresh token: ")
    do throws(TokenStoreError) {
      guard let lock = try file.tryLock() else {
        throw TokenStoreError("\(path) is being renewed by another process; try again in a moment")
      }
      let now = SystemClock().now
      try file.save(
        TokenPair(accessToken: access, refreshToken: refresh, issued: now, began: now))
      withExtendedLifetime(lock) {}
    } catch {
      throw LuaFailure("login", error.message)
    }
    print("stored in \(path)")
  }

  private func token(_ question: String) async throws(LuaFailure) -> Secret {
    let text: String? =
      isatty(STDIN_FILENO) != 0
      ? await Question.ask(question, isSecret: true) : readLine().map { String($0.filter { $0 != "\r" }) }
    guard let text, !text.isEmpty else {
      throw LuaFailure("login", "no \(question.dropLast(2)) was given, so nothing was stored")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw LuaFailure(
        "login", "the \(question.dropLast(2)) holds blanks or odd characters, so nothing was stored")
    }
    return Secret(text)
  }
}

/// `cvlua logout`: forgets a stored access token.
struct LogoutCommand: Subcommand {
  static let abstract = """
    Forgets the access token that a profile has stored. Of other profiles nothing is stored: each run logs in, \
    and out, by itself.
    """

  @OptionGroup var options: ProfileOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let profile = try await options.own()
    guard let path = profile.accessTokenFile else {
      print("profile \(profile.name) stores no token: each run logs in, and out, by itself")
      return 0
    }
    do throws(TokenStoreError) {
      let file = TokenFile(path: path)
      guard let lock = try file.tryLock() else {
        throw TokenStoreError("\(path) is being renewed by another process; try again in a moment")
      }
      defer { withExtendedLifetime(lock) {} }
      guard unlink(path) == 0 else {
        if errno == ENOENT {
          print("\(path) is not there: there was nothing to forget")
          return 0
        }
        throw TokenStoreError("\(path) cannot be deleted: \(String(cString: strerror(errno)))")
      }
    } catch {
      throw UsageError(error.message)
    }
    print("deleted \(path); revoke the token in the Command Center, where it stays good until it expires")
    return 0
  }
}
