import ArgumentParser
import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTransport
internal import Glibc
import LuaVM
import Scripting
import Terminal

/// `cvlua doctor`: whether a night would get through, and what to do where it would not.
struct DoctorCommand: Subcommand {
  static let abstract = """
    Looks at this installation and at each profile's Command Center: the Lua library, the configuration, \
    whether the server can be reached, its certificate and clock, the login, and how long a token lasts. \
    Submits nothing. Exit code 0 where all is well, 1 with warnings, 2 where something does not work.
    """

  @OptionGroup var options: ProfileOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    var report = Report()
    Self.look(atProgram: &report)
    let profiles = try await options.profiles()
    Self.look(atConfiguration: &report, profiles, options)
    let chosen = options.profile == nil ? profiles.all : [profiles.own].compactMap(\.self)
    for profile in chosen { await Self.look(at: profile, &report) }
    return report.worst
  }

  /// Lines as they are found out, each with what to do, and the worst of them.
  private struct Report {
    private(set) var worst: Int32 = 0

    func good(_ what: String) { Self.line("ok", what, "nothing to do") }

    mutating func warning(_ what: String, _ todo: String) {
      Self.line("warning", what, todo)
      worst = max(worst, 1)
    }

    mutating func bad(_ what: String, _ todo: String) {
      Self.line("bad", what, todo)
      worst = 2
    }

    /// - Parameter sentence: may tell the way out by itself, behind a semicolon.
    mutating func bad(_ sentence: String, else todo: String) {
      guard let semicolon = sentence.lastIndex(of: ";") else { return bad(sentence, todo) }
      let way = sentence[semicolon...].dropFirst().drop { $0 == " " }
      bad(String(sentence[..<semicolon]), String(way.hasPrefix("run: ") ? way.dropFirst(5) : way))
    }

    private static func line(_ kind: String, _ what: String, _ todo: String) {
      let what = ErrorOutput.oneLine(what)
      let clause = what.hasSuffix(".") ? what.dropLast() : what[...]
      print("\(kind)\(String(repeating: " ", count: 9 - kind.count))\(clause) → \(todo)")
    }
  }

  // MARK: here

  private static func look(atProgram report: inout Report) {
    report.good(Version.text)
    if LuaLibrary.concatIsSound {
      report.good("\(LuaLibrary.release): __concat is sound")
    } else {
      report.good(
        "\(LuaLibrary.release): a __concat written in Lua can crash it, so scripts without --trusted cannot set one"
      )
    }
    if LuaLibrary.closeIsSound {
      report.good("\(LuaLibrary.release): nested coroutine.close is sound")
    } else {
      report.good(
        "\(LuaLibrary.release): nested coroutine.close overflows, which cvlua's own coroutine library prevents"
      )
    }
  }

  private static func look(
    atConfiguration report: inout Report, _ profiles: Profiles, _ options: ProfileOptions
  ) {
    let files = options.config.map { [$0] } ?? ConfigurationFiles.usual
    for file in files {
      var status = stat()
      guard stat(file, &status) == 0 else { continue }
      if status.st_mode & 0o022 != 0 {
        report.warning("\(file) can be written by others", "chmod go-w \(file)")
      } else {
        report.good("the configuration \(file) can be read")
      }
    }
    if profiles.all.isEmpty {
      report.warning(
        "there is no profile, so only --simulate works",
        "write one into \(files.last ?? "a configuration file"); see cvlua --help")
    } else if profiles.own == nil, options.profile == nil {
      let names = profiles.all.map(\.name).joined(separator: ", ")
      report.warning(
        "none of the profiles \(names) is the default",
        "give one default = true, or name one at each run with --profile")
    }
  }

  // MARK: there

  private static func look(at profile: Profile, _ report: inout Report) async {
    let connection: Connection
    do throws(LuaFailure) { connection = try Connection(profile, clock: SystemClock()) } catch {
      return report.bad(error.message, else: "mend that, or the profile")
    }
    let (center, transport) = (connection.center, connection.transport)
    let isOfEnvironment = profile.name == Profiles.ofEnvironment
    let name = isOfEnvironment ? "the server of CVLUA_URL: " : "profile \(profile.name): "
    if let proxy = transport.proxy { report.good("\(name)its requests go through the proxy \(proxy)") }
    await look(atCertificateOf: transport, name, &report)
    do throws(CommandCenterError) {
      let clients = try await center.clients().count
      report.good(
        "\(name)\(center.endpoint) is reached, and takes the \(profile.user.map { "login of \($0)" } ?? "token")"
      )
      look(atClients: clients, name, &report)
      await lookAtJobs(center, name, &report)
    } catch {
      switch error.kind {
      case .unreachable:
        report.bad("\(name)\(error.message)", "check url, network, firewall and proxy")
      case .notLoggedIn:
        report.bad(
          "\(name)\(error.message)",
          isOfEnvironment
            ? "check CVLUA_TOKEN"
            : profile.accessTokenFile == nil
              ? "check user, password or token of the profile" : Connection.newToken)
      default:
        report.bad(
          "\(name)\(error.message)", "check that url is the API's, such as https://HOST/commandcenter/api")
      }
    }
    if let skew = await center.clockSkew { look(atSkew: skew, name, &report) }
    if let end = connection.tokenEnd(at: SystemClock().now) {
      report.warning("\(name)its access token cannot be renewed any more \(end)", Connection.newToken)
    }
    if !profile.isUnattended {
      report.warning(
        "\(name)runs submit only where somebody at a terminal agrees",
        isOfEnvironment
          ? "set CVLUA_UNATTENDED=1 where a timer is to start them"
          : "set unattended = true where a timer is to start them")
    }
    await center.logOut()
    await connection.close()
  }

  private static func look(
    atCertificateOf transport: HTTPTransport, _ name: String, _ report: inout Report
  ) async {
    let host = transport.endpoint.authority
    if transport.trustsAnyCertificate {
      report.warning(
        "\(name)trust_any_certificate: whoever is on the way to \(host) can read and change everything",
        "name the server's authority as ca_file instead")
    }
    guard transport.endpoint.scheme == "https" else {
      report.warning("\(name)plain http shows the token to everyone on the way to \(host)", "use https")
      return
    }
    guard let look = await transport.certificate() else { return }
    let left = look.validUntil - SystemClock().now
    let text = "\(name)the certificate of \(host) is good until \(look.validUntil.iso8601.prefix(10))"
    if left < .zero {
      report.bad(
        "\(name)the certificate of \(host) expired on \(look.validUntil.iso8601.prefix(10))",
        "renew it on the server")
    } else if left < .seconds(21 * 86_400) {
      report.warning(text, "have it renewed on the server before that")
    } else {
      report.good(text)
    }
  }

  private static func look(atClients count: Int, _ name: String, _ report: inout Report) {
    if count == 0 {
      report.warning(
        "\(name)the user sees no client", "have the user given a role that sees clients and backs them up")
    } else {
      report.good(
        "\(name)the user sees \(count) client\(count == 1 ? "" : "s"); whether it may back them up, only a backup shows"
      )
    }
  }

  private static func lookAtJobs(_ center: CommandCenter, _ name: String, _ report: inout Report) async {
    var query = JobQuery()
    query.limit = 1
    do throws(CommandCenterError) {
      _ = try await center.jobs(query)
      report.good("\(name)POST /Jobs lists jobs, so that one request watches many")
    } catch {
      report.warning(
        "\(name)POST /Jobs is refused (\(error.message)), so each job is asked for by itself",
        "have the user allowed to view jobs, or the server updated")
    }
  }

  private static func look(atSkew skew: Duration, _ name: String, _ report: inout Report) {
    let size = skew < .zero ? .zero - skew : skew
    guard size > .seconds(60) else { return report.good("\(name)its clock agrees with ours to a minute") }
    report.warning(
      "\(name)its clock is \(DurationText.short(size)) \(skew < .zero ? "behind" : "ahead of") ours, and both tell when something ended",
      "set both by NTP")
  }
}
