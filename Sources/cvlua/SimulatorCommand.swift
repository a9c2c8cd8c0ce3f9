import ArgumentParser
import Clock
import CommandCenter
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
    var faults = FaultPlan()
    do throws(FaultError) { faults = try FaultPlan.parse(options.faults) } catch {
      output.line("cvlua: --faults: \(error.description)")
      return 64
    }
    do throws(HourlyLimitsError) {
      if let text = options.limit { settings.limits = try HourlyLimits.parse(text) }
    } catch {
      output.line("cvlua: --limit: \(error.description)")
      return 64
    }
    if options.state == nil { settings.birth = UInt64.random(in: 1 ... .max) }
    settings.tokens = options.token
    settings.password = options.password
    settings.accessTokenLifetime = options.accessTokenLife.duration
    settings.jobListsAreWrites = options.jobListsAreWrites
    settings.clockSpeed = options.speed
    let simulator: Simulator
    do throws(StateError) {
      simulator = try make(options, faults, inventory, settings, output)
    } catch {
      output.line("cvlua: \(error)")
      return 74
    }
    if let path = options.accessToken {
      do throws(TokenStoreError) {
        try TokenFile(path: path).save(TokenPair(simulator.makeAccessToken()))
      } catch {
        output.line("cvlua: \(error)")
        return 74
      }
    }
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

extension SimulatorCommand {
  private static func make(
    _ options: SimulatorOptions, _ faults: FaultPlan, _ inventory: Inventory?, _ settings: SimulatorSettings,
    _ output: ErrorOutput
  ) throws(StateError) -> Simulator {
    guard let path = options.state else {
      let clock: any RunClock = options.speed == 1 ? SystemClock() : ScaledClock(speed: options.speed)
      return Simulator(
        clock: clock, seed: options.seed, faults: faults, inventory: inventory, settings: settings)
    }
    let file = try StateFile(path: path) { output.line("cvlua: the state was not kept: \($0)") }
    return try Simulator(
      clock: file.clock(speed: options.speed), seed: options.seed, faults: faults, inventory: inventory,
      settings: settings, store: file)
  }
}

extension TokenPair {
  fileprivate init(_ pair: AccessTokenPair) {
    self.init(
      accessToken: Secret(pair.accessToken), refreshToken: Secret(pair.refreshToken), expires: pair.expires,
      issued: pair.issued)
  }
}
