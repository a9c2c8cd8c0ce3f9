import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTypes
import LuaVM
import Scripting
import Simulator
import Testing
import Workflow

/// A script in a run against a simulated Command Center, as `cvlua --simulate` wires it.
final class Rehearsal: Sendable {
  let vm: VM
  let run: Run
  let simulator: Simulator

  /// - Parameter isFixed: whether what nobody has is unknown, as it is to a real server, and not invented.
  init(faults: String = "", isFixed: Bool = false, profile: VM.Options.Profile = .operator) async throws {
    let clock = VirtualClock(start: Moment(unixSeconds: Int64(1_795_384_800)))
    var options = VM.Options()
    options.profile = profile
    options.hold = { clock.hold() }
    options.release = { clock.release() }
    options.now = { clock.now.unixSeconds }
    options.randomSeed = 1
    vm = VM(options)
    simulator = Simulator(
      clock: clock, faults: faults.isEmpty ? FaultPlan() : try FaultPlan.parse(faults),
      inventory: isFixed ? .demo : nil)
    run = Run(clock: clock) { _ in }
    let center = CommandCenter(
      name: "default", endpoint: Endpoint(authority: "simulator"),
      credentials: .password(user: "simulator", password: Secret("simulator")),
      transport: InProcess(simulator: simulator), clock: clock, executor: vm.thread)
    let thread = vm.thread
    try await vm.open { [self] core throws(LuaFailure) in
      let directory = CommcellDirectory { _ throws(LuaFailure) in center }
      _ = Session(core: core, run: run, directory: directory, executor: thread)
    }
  }

  /// Runs a chunk named `test.lua`; gives what it returns, or its error as one sentence.
  func value(_ text: String) async -> String {
    run.clock.hold()
    defer { run.clock.release() }
    let end = await vm.run(.text(Array(text.utf8), name: "@test.lua"))
    return end.failure.map { "error: \($0.sentence)" } ?? end.returned ?? "nothing"
  }
}

private struct InProcess: Transport {
  let simulator: Simulator

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    simulator.answer(request, body: body)
  }
}
