import ArgumentParser
import Clock
import Simulator

/// `HOST:PORT`, with an IPv6 address in brackets.
struct ListenAddress: ExpressibleByArgument, Sendable {
  var host: String
  var port: Int

  init(host: String, port: Int) { (self.host, self.port) = (host, port) }

  init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"),
      let port = UInt16(argument[argument.index(after: colon)...])
    else { return nil }
    var host = argument[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  var defaultValueDescription: String { "\(host):\(port)" }
}

/// A duration as people write it: `30m`, `2h`.
struct DurationArgument: ExpressibleByArgument, Sendable {
  var duration: Duration

  init(_ duration: Duration) { self.duration = duration }

  init?(argument: String) {
    guard let duration = DurationText.parse(argument), duration > .zero else { return nil }
    self.init(duration)
  }

  var defaultValueDescription: String { "\(duration.wholeNanoseconds / 60_000_000_000)m" }
}

/// The options of `cvlua simulator`.
struct SimulatorOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cvlua simulator",
    abstract: "Serves the simulated Command Center, for any client of the REST API.",
    discussion: """
      Once it accepts connections it prints the base URL of the API, a user and a password (with --tls also the \
      file of the certificate to trust), one a line. What was asked and submitted, and how close that came to \
      limits, is told as JSON at /simulator/state. Ctrl-C or SIGTERM end it.

      Faults besides those of cvlua --help, for requests on their way: drop-answer, drop-before, reset, \
      http=CODE, html, throttle=RATE (such as 100/h), expire-token, truncate, trickle[=DURATION]; their TARGET \
      is a submit as ever, or a request: login, logout, createtask, jobs, job, lookup, or request for any.
      """)

  @Option(help: "HOST:PORT to listen at; port 0 picks one.")
  var listen = ListenAddress(host: "127.0.0.1", port: 0)

  @Option(help: "A token that is good for ever, besides those of logins; may be given several times.")
  var token: [String] = []

  @Option(
    help: ArgumentHelp(
      "Write an access token and what renews it to FILE, as clients keep them, and take it.",
      valueName: "file"))
  var accessToken: String?

  @Option(help: ArgumentHelp("How long access tokens live.", valueName: "duration"))
  var accessTokenLife = DurationArgument(.seconds(30 * 60))

  @Option(
    help: ArgumentHelp(
      "saas, or writes=N,reads=N: so many requests an hour; others are answered 429.", valueName: "limits"))
  var limit: String?

  @Flag(help: "POST /Jobs counts as a write.")
  var jobListsAreWrites = false

  @Option(help: "The password of its user.")
  var password = SimulatorSettings().password

  @Option(help: "Another simulated Command Center; the same number gives the same one.")
  var seed: UInt64 = 1

  @Option(help: "TARGET:FAULT[@N],… that go wrong.")
  var faults = ""

  @Option(help: "What it holds (JSON); else it grows to hold what submits name.")
  var inventory: String?

  @Option(
    help: ArgumentHelp(
      "Keep jobs, ids, tokens and what has grown in FILE, and go on from there after a restart.",
      valueName: "file"))
  var state: String?

  @Option(help: "Its clock runs that many times faster.")
  var speed = 1.0

  @Flag(help: "Serve HTTPS, with a certificate made on the spot.")
  var tls = false

  func validate() throws {
    guard speed.isFinite, speed > 0, speed <= 1e6 else {
      throw ValidationError("--speed is a number above 0, up to 1000000")
    }
    guard state != "", accessToken != "" else {
      throw ValidationError("--state and --access-token need the name of a file")
    }
    guard !password.isEmpty else { throw ValidationError("--password is empty") }
    guard !token.contains("") else { throw ValidationError("--token is empty") }
  }
}
