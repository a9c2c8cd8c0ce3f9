import Clock
import CommandCenter
internal import Glibc
import LuaVM
import Scripting
import Simulator
import Terminal
import Workflow

/// What a run and a session at the prompt begin with alike.
extension RunArguments {
  /// Calls `body` with the inventory and the profiles that are meant; what is wrong with them is told.
  ///
  /// - Returns: the exit code.
  func prepared(
    _ output: ErrorOutput, _ body: (Inventory?, Profiles) async -> Int32
  ) async -> Int32 {
    var inventory: Inventory?
    if let file = inventoryFile {
      inventory = InventoryFile.read(file, output)
      guard inventory != nil else { return 64 }
    }
    do throws(UsageError) {
      let profiles = try await ConfigurationFiles.profiles(file: configurationFile, named: profile)
      return await body(inventory, profiles)
    } catch {
      output.line("cvlua: \(error.message)")
      return 64
    }
  }

  /// What it tells the time by.
  func makeClock() -> any RunClock {
    simulates
      ? VirtualClock(start: Moment(unixSeconds: (start ?? SystemClock().now).unixSeconds)) : SystemClock()
  }

  /// - Parameter asksAgain: a no is no for one submit only.
  func makeCommcells(
    _ profiles: Profiles, _ inventory: Inventory?, _ vm: VM, _ run: Run, asksAgain: Bool = false
  ) -> any Commcells {
    simulates
      ? SimulatedCommcells(
        clock: run.clock, seed: seed, faults: faults, limits: limits, inventory: inventory,
        profiles: profiles,
        stateFile: stateFile, executor: vm.thread, observer: { run.note($2, of: $0, called: $1) })
      : LiveCommcells(
        profiles, clock: run.clock, isAgreed: isAgreed, asksAgain: asksAgain,
        observer: { run.note($2, of: $0, called: $1) })
  }

  /// Gives the machine what scripts see.
  func open(
    _ vm: VM, _ run: Run, _ commcells: any Commcells, _ finder: ModuleFinder, _ telling: Telling?
  ) async throws(LuaFailure) {
    let directory = CommcellDirectory(
      { name throws(LuaFailure) in
        signal(SIGPIPE, SIG_IGN)
        return try commcells.center(name)
      },
      permit: { center async throws(LuaFailure) in try await commcells.permit(center) },
      secret: { name throws(LuaFailure) in try commcells.secret(name) },
      tell: { secret, form, body async throws(LuaFailure) in
        try await RunCommand.tell(secret, form, body, telling, run)
      },
      read: { path throws(LuaFailure) in try finder.text(path) })
    let (arguments, thread) = (self, vm.thread)
    try await vm.open { core throws(LuaFailure) in
      _ = Session(
        core: core, run: run, directory: directory, executor: thread, variables: arguments.variables)
      arguments.setArg(core)
    }
  }
}
