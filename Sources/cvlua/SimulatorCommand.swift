import ArgumentParser
import Clock
internal import Glibc
import Simulator
import SimulatorServer
import Terminal

/// `cvlua simulator [--listen HOST:PORT] …`: the simulated Command Center over HTTP or HTTPS.
enum SimulatorCommand {
  /// - Returns: the exit code.
  static func run(_ arguments: [String], _ output: ErrorOutput) async -> Int32 {
    do {
      let command = try SimulatorOptions.parseAsRoot(arguments)
      guard let options = command as? SimulatorOptions else {
        // The parser's own command: help, asked for.
        var command = command
        try command.run()
        return 0
      }
      return await serve(options, output)
    } catch {
      let code = SimulatorOptions.exitCode(for: error)
      let message = SimulatorOptions.fullMessage(for: error)
      if code == .success { print(message) } else { output.line(message) }
      return code == .success ? 0 : 64
    }
  }

  private static func serve(_ options: SimulatorOptions, _ output: ErrorOutput) async -> Int32 {
    var inventory: Inventory?
    if let file = options.inventory {
      inventory = InventoryFile.read(file, output)
      guard inventory != nil else { return 64 }
    }
    var settings = SimulatorSettings()
    settings.tokens = options.token
    let clock: any RunClock = options.speed == 1 ? SystemClock() : ScaledClock(speed: options.speed)
    let simulator = Simulator(
      clock: clock, seed: options.seed, faults: options.faults.plan, inventory: inventory,
      settings: settings)
    var authority: TemporaryFile?
    defer { authority?.remove() }
    do {
      let identity = options.tls ? try ServerIdentity(host: options.listen.host) : nil
      if let identity {
        authority = TemporaryFile("ca.pem", Array(identity.authorityPEM.utf8))
        guard authority != nil else {
          output.line("cvlua: the certificate could not be written to a temporary folder")
          return 74
        }
      }
      let server = SimulatorServer(
        simulator, host: options.listen.host, port: options.listen.port, identity: identity)
      let lines = ["user \(settings.user)", "password \(settings.password)"]
      let trust = authority.map { ["ca \($0.path)"] } ?? []
      // A reader that goes away is no reason to end.
      signal(SIGPIPE, SIG_IGN)
      try await server.run(endsOnSignals: true) { listening in
        print((["url \(listening.baseURL)"] + lines + trust).joined(separator: "\n"))
        fflush(nil)
        output.line("SIMULATED Command Center: nothing that it says is real; Ctrl-C ends it")
      }
      return 0
    } catch {
      output.line("cvlua: \(error)")
      return 69
    }
  }
}

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

/// `--faults`, read.
struct FaultsArgument: ExpressibleByArgument, Sendable {
  var plan: FaultPlan

  init(_ plan: FaultPlan) { self.plan = plan }

  init?(argument: String) { nil }
}

struct SimulatorOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cvlua simulator",
    abstract: "Serves the simulated Command Center, for any client of the REST API.",
    discussion: """
      Once it accepts connections it prints the base URL of the API, a user and a password (with --tls also the \
      file of the certificate to trust), one a line. What was asked and submitted is told as JSON at \
      /simulator/state. Ctrl-C or SIGTERM end it.

      Faults besides those of cvlua --help, for requests on their way: drop-answer, drop-before, reset, \
      http=CODE, html, throttle=RATE (such as 100/h), expire-token, truncate, trickle[=DURATION]; their TARGET \
      is a submit as ever, or a request: login, logout, createtask, jobs, job, lookup, or request for any.
      """)

  @Option(help: "HOST:PORT to listen at; port 0 picks one.")
  var listen = ListenAddress(host: "127.0.0.1", port: 0)

  @Option(help: "A token that is good for ever, besides those of logins; may be given several times.")
  var token: [String] = []

  @Option(help: "Another simulated Command Center; the same number gives the same one.")
  var seed: UInt64 = 1

  @Option(
    help: "TARGET:FAULT[@N],… that go wrong.",
    transform: { text in
      do throws(FaultError) { return FaultsArgument(try FaultPlan.parse(text)) } catch {
        throw ValidationError(error.description)
      }
    })
  var faults = FaultsArgument(FaultPlan())

  @Option(help: "What it holds (JSON); else it grows to hold what submits name.")
  var inventory: String?

  @Option(help: "Its clock runs that many times faster.")
  var speed = 1.0

  @Flag(help: "Serve HTTPS, with a certificate made on the spot.")
  var tls = false

  func validate() throws {
    guard speed.isFinite, speed > 0, speed <= 1e6 else {
      throw ValidationError("--speed is a number above 0, up to 1000000")
    }
    guard !token.contains("") else { throw ValidationError("--token is empty") }
  }
}
