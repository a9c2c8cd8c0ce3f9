internal import CLua
internal import CLuaShim
internal import DequeModule

/// The steps of branches. One step runs at a time, from here only, never from inside a host function.
extension Core {
  /// A new branch for the function and the `count` arguments on top of `L`'s stack, which it takes.
  /// It starts when the machine comes to it.
  func makeBranch(from L: OpaquePointer, arguments count: Int32) -> Branch {
    lua_checkstack(L, 2)
    let thread = lua_newthread(L)!
    let anchor = reference(poppedFrom: L)
    cvl_mark_base(thread)
    lua_checkstack(thread, count + 2)
    cvl_push_body(thread)
    lua_xmove(L, thread, count + 1)
    lastBranch += 1
    let branch = Branch(id: lastBranch, parent: running?.id, L: thread, anchor: anchor)
    branch.argumentCount = count + 1
    branches[branch.id] = branch
    ready.append((branch, .start))
    return branch
  }

  /// Calls `body` when `branch` has ended; at once where it has already.
  public func whenEnded(_ branch: Branch, _ body: @escaping (Core, BranchEnd) -> Void) {
    branch.isAwaited = true
    branch.onEnd.append(body)
  }

  /// Runs branches until each has ended or waits.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    defer { isDraining = false }
    repeat {
      while let (branch, resumption) = ready.popFirst() {
        step(branch, resumption)
        // A signal finds nothing that runs here; branches that keep waking each other would never end.
        takeUpInterruption()
      }
      breakStall()
    } while !ready.isEmpty
    if branches.isEmpty {
      let told = onAllDone
      onAllDone = []
      for done in told { done() }
    }
  }

  /// Where every branch waits for another, none will ever go on: they are told so.
  private func breakStall() {
    guard externalWaits == 0, !branches.isEmpty, !mailbox.hasMail else { return }
    let failure = LuaFailure("deadlock", "every branch waits for another one, so none can ever go on")
    for branch in branches.values.sorted(by: { $0.id < $1.id }) where branch.wait != nil {
      branch.wait?.onCancel?(self)
      end(waitOf: branch)
      branch.refusals += 1
      // It does not give up: from now on it may wait in its clean-up only.
      if branch.refusals > Self.mostRefusals, branch.cancellation == nil { branch.cancellation = failure }
      ready.append((branch, .failure(failure)))
    }
  }

  /// How often a branch may catch that it cannot wait any more.
  private static let mostRefusals = 100

  // MARK: waits

  /// Suspends the branch that calls; the ticket ends the wait.
  ///
  /// - Parameters:
  ///   - isExternal: true where another thread or the clock will end it.
  ///   - onCancel: called where the branch is cancelled meanwhile.
  /// - Throws: where a C function stands between the call and its branch, or the branch is cancelled.
  public func suspend(
    _ call: Stack, isExternal: Bool, onCancel: ((Core) -> Void)? = nil
  ) throws(LuaFailure) -> (ticket: Ticket, reply: Reply) {
    guard let branch = running, cvl_can_wait(call.L) else {
      throw LuaFailure(
        "wait",
        """
        this waits, and nothing can wait here: inside a sort comparator, a gsub callback, __tostring, a \
        message handler or a finalizer; do it before, and keep the answer
        """)
    }
    if let cancellation = branch.cancellation, !branch.isCleaningUp, !cvl_in_close_handler(call.L) {
      branch.refusals += 1
      // A loop around pcall would go on for ever: leave it past every pcall.
      if branch.refusals > Self.mostRefusals { cvl_interrupt(host, Int32(CVL_CANCELLED), true) }
      throw cancellation
    }
    pendingWait = PendingWait(
      isExternal: isExternal, coroutines: resumed(from: branch, to: call.L), onCancel: onCancel)
    return (Ticket(branch: branch.id, generation: branch.generation + 1, mailbox: mailbox), .wait)
  }

  /// The coroutines by which `branch` came to wait in `L`; none where it waits in its own.
  private func resumed(from branch: Branch, to L: OpaquePointer) -> [OpaquePointer] {
    guard L != branch.L else { return [] }
    var coroutines: [OpaquePointer] = []
    var frame = host.pointee.frames
    while let current = frame, current.pointee.co != branch.L {
      coroutines.append(current.pointee.co)
      frame = current.pointee.up
    }
    return coroutines
  }

  /// Ends a wait on the machine's own thread.
  func resume(_ ticket: Ticket, _ resumption: Resumption) {
    guard let branch = branches[ticket.branch], branch.generation == ticket.generation, branch.wait != nil
    else { return }
    end(waitOf: branch)
    ready.append((branch, resumption))
  }

  private func end(waitOf branch: Branch) {
    if let wait = branch.wait, wait.isExternal { externalWaits -= 1 }
    branch.wait = nil
    branch.generation += 1
  }

  /// Keeps the branch from being taken for stalled: something that no wait tells of will come by mail.
  public func expectMail() { externalWaits += 1 }
  public func mailCame() { externalWaits -= 1 }

  // MARK: what runs when a branch ends

  /// Runs the function when `branch` ends, on whatever way; the last deferred runs first.
  public func deferred(_ function: LuaReference, by branch: Branch) {
    branch.deferred.append(function)
  }

  func pushNextDeferred(_ L: OpaquePointer) -> Bool {
    // After os.exit of the trusted profile nothing of the script runs any more, as in stock Lua.
    guard let branch = running, host.pointee.interruption == 0 || host.pointee.grace > 0,
      let function = branch.deferred.popLast()
    else { return false }
    branch.isCleaningUp = true
    push(function, on: L)
    return true
  }

  func deferredFailed(_ L: OpaquePointer) {
    let failure = failure(at: -1, on: L)
    cvl_pop(L, 1)
    if let branch = running { onLostFailure?(branch, failure) }
  }

  // MARK: cancelling

  /// Cancels a branch by raising `reason` where it waits. Its clean-up runs, and may wait; where it is at that
  /// already, it goes on.
  public func cancel(_ branch: Branch, _ reason: LuaFailure) {
    guard !branch.hasEnded, branch.cancellation == nil else { return }
    branch.cancellation = reason
    guard let wait = branch.wait, !branch.isCleaningUp, !cvl_has_close_handler(branch.L),
      !wait.coroutines.contains(where: { cvl_has_close_handler($0) })
    else { return }
    wait.onCancel?(self)
    end(waitOf: branch)
    ready.append((branch, .failure(reason)))
  }

  /// Ends a branch that does not end by itself: what it left open is closed and what it deferred runs, without
  /// waiting.
  public func kill(_ branch: Branch) {
    guard !branch.hasEnded, branch !== running else { return }
    if let wait = branch.wait { wait.onCancel?(self) }
    end(waitOf: branch)
    ready.removeAll { $0.branch === branch }
    let outer = running
    running = branch
    if branch.hasStarted { cvl_reset(host, branch.L) }
    running = outer
    lua_settop(branch.L, 0)
    let failure = branch.cancellation ?? LuaFailure("cancelled", "ended from outside")
    push(failure, on: branch.L)
    finish(branch, .raised(failure, reference(poppedFrom: branch.L)))
    if outer == nil { takeUpInterruption() }
  }

  /// Cancels all branches. The one that runs goes on to its next wait.
  public func cancelAll(_ reason: LuaFailure) {
    for branch in branches.values.sorted(by: { $0.id < $1.id }) { cancel(branch, reason) }
  }

  /// Ends the script: the branch that runs unwinds past every pcall, the others are cancelled.
  ///
  /// - Parameter closes: clean-up runs, as at any other end.
  public func exit(_ code: Int32, closes: Bool = true) {
    exitCode = code
    cvl_interrupt(host, Int32(CVL_EXIT), closes)
    onExit?(code)
  }

  // MARK: steps

  private func step(_ branch: Branch, _ resumption: Resumption) {
    let L = branch.L
    var count: Int32 = 0
    if branch.hasStarted {
      lua_checkstack(L, 8)
      switch resumption {
      case .start: preconditionFailure("a branch that has started waits for an answer")
      case .values(let push):
        lua_pushboolean(L, 1)
        count = 1 + Int32(push(Stack(core: self, L: L)))
      case .failure(var failure):
        if failure.place == nil { failure.place = place(of: L) }
        lua_pushboolean(L, 0)
        push(failure, on: L)
        count = 2
      case .value(let reference, let raised):
        lua_pushboolean(L, raised ? 0 : 1)
        push(reference, on: L)
        count = 2
      }
    } else {
      branch.hasStarted = true
      count = branch.argumentCount
      if let cancellation = branch.cancellation {
        lua_settop(L, 0)
        push(cancellation, on: L)
        finish(branch, .raised(cancellation, reference(poppedFrom: L)))
        return
      }
    }
    pendingWait = nil
    running = branch
    host.pointee.cleaning = branch.isCleaningUp
    var results: Int32 = 0
    let status = cvl_step(host, L, count, &results)
    running = nil
    if host.pointee.interruption != CVL_RUNS_ON { branch.interruption = Int(host.pointee.interruption) }
    if status == LUA_YIELD, let wait = pendingWait {
      pendingWait = nil
      branch.generation += 1
      branch.wait = wait
      if wait.isExternal { externalWaits += 1 }
    } else if status == LUA_OK {
      var values: [LuaReference] = []
      if !branch.onEnd.isEmpty {
        for _ in 0..<results { values.append(reference(poppedFrom: L)) }
      }
      lua_settop(L, 0)
      finish(branch, .returned(values.reversed()))
    } else {
      var failure = failure(status: status, on: L, traceback: true)
      switch branch.interruption {
      case Int(CVL_RUNS_ON): break
      case Int(CVL_EXIT): failure.kind = "exit"
      case Int(CVL_CANCELLED):
        if let cancellation = branch.cancellation {
          failure = cancellation
          push(failure, on: L)
        }
      default: failure.kind = "interrupted"
      }
      let value = reference(poppedFrom: L)
      finish(branch, .raised(failure, value))
    }
  }

  /// Passes an interruption on to all branches: one that ended a step, or one that came between two.
  func takeUpInterruption() {
    let ofStep = host.pointee.interruption
    let reason = ofStep != CVL_RUNS_ON ? ofStep : cvl_take_request(host)
    cvl_clear_interruption(host)
    switch Int(reason) {
    case Int(CVL_RUNS_ON), Int(CVL_CANCELLED): break
    case Int(CVL_EXIT): cancelAll(LuaFailure("cancelled", "the script called os.exit"))
    case Int(CVL_LINE): if let line { cancel(line, Self.interrupted) }
    case Int(CVL_DEADLINE): cancelAll(LuaFailure("interrupted", "out of time"))
    default: cancelAll(Self.interrupted)
    }
  }

  static let interrupted = LuaFailure("interrupted", "interrupted")

  private func finish(_ branch: Branch, _ end: BranchEnd) {
    branch.hasEnded = true
    cvl_forget_traceback(L, branch.L)
    branches[branch.id] = nil
    for told in branch.onEnd { told(self, end) }
    branch.onEnd = []
    if case .raised(let failure, _) = end, !branch.isAwaited, exitCode == nil {
      onLostFailure?(branch, failure)
    }
    branch.deferred = []
    branch.anchor = nil
  }

  /// What a host reads of the error value on top of the stack, which stays there.
  func failure(status: Int32, on L: OpaquePointer, traceback wantsTraceback: Bool) -> LuaFailure {
    var failure = self.failure(at: -1, on: L)
    if status == LUA_ERRSYNTAX { failure.kind = "syntax" }
    if status == LUA_ERRMEM { failure.kind = "memory" }
    if wantsTraceback, failure.traceback == nil { failure.traceback = traceback(of: L) }
    return failure
  }

  /// Lua's traceback of a coroutine, without the frames of the prelude.
  func traceback(of L: OpaquePointer) -> String {
    if !cvl_push_kept_traceback(self.L, L) { cvl_traceback(self.L, L, 0) }
    defer { cvl_pop(self.L, 1) }
    return Self.withoutPrelude(string(self.L, -1) ?? "")
  }

  /// Takes the prelude's frames out, with the C functions that they called and the tail calls that led to them.
  private static func withoutPrelude(_ traceback: String) -> String {
    var kept: [Substring] = []
    var followsPrelude = false
    for line in traceback.split(separator: "\n") {
      let isPrelude = line.hasPrefix("\t[cvlua")
      if isPrelude, let last = kept.last, last.hasPrefix("\t[C]: in ") { kept.removeLast() }
      let leadsToPrelude = followsPrelude && line == "\t(...tail calls...)"
      if !isPrelude, !leadsToPrelude { kept.append(line) }
      followsPrelude = isPrelude
    }
    return kept.joined(separator: "\n")
  }
}

extension Core {
  /// True where the wait that the ticket names still goes on.
  public func isWaiting(_ ticket: Ticket) -> Bool {
    branches[ticket.branch].map { $0.generation == ticket.generation && $0.wait != nil } ?? false
  }

  /// Ends a wait of this machine from its own thread, with the value of `reference`.
  public func resume(_ ticket: Ticket, with reference: LuaReference) {
    resume(ticket, .value(reference, raised: false))
  }

  /// Ends a wait of this machine from its own thread by raising the value of `reference`.
  public func resume(_ ticket: Ticket, raising reference: LuaReference) {
    resume(ticket, .value(reference, raised: true))
  }

  /// Ends a wait of this machine from its own thread with the values that `push` pushes.
  public func resume(_ ticket: Ticket, _ push: @escaping (Stack) -> Int) {
    resume(ticket, .values(push))
  }

  /// Ends a wait of this machine from its own thread by raising `failure`.
  public func resume(_ ticket: Ticket, failing failure: LuaFailure) {
    resume(ticket, .failure(failure))
  }
}
