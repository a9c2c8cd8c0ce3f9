internal import CLua
internal import CLuaShim
internal import DequeModule

/// One Lua state and all that runs in it. Not Sendable: it is touched on its machine's thread only.
///
/// Swift calls those functions of Lua directly that the manual marks `-` or `m` (see CLuaShim.h for why an
/// `m` cannot raise here); all others go through a protected call in C.
public final class Core {
  /// The state's own thread; no script runs on it, so its stack is the host's scratch pad.
  let L: OpaquePointer
  let host: UnsafeMutablePointer<cvl_host>
  // The host's address lies in every coroutine's extra space, so it must not move: it is allocated by
  // itself, and freed after the state is closed.

  /// The host functions by number. Unchecked: every call of a script reads it; only `register` changes it,
  /// which no access can overlap.
  @exclusivity(unchecked) private var functions: ContiguousArray<Unmanaged<HostFunction>> = []
  private let state: OpenState

  var errorMetatable: LuaReference?
  /// What a module raised last that is no text and no error object, which stays as it is, and the way to that module.
  var raisedByModule: (value: LuaReference, way: String)?
  /// What scripts found in their globals at first; see `Core+Modules`.
  var firstGlobals: LuaReference?
  /// The globals of each library whose modules have been required.
  var libraryGlobals: [String: LuaReference] = [:]
  /// Stock libraries on their way to the prelude.
  var stockLibraries: LuaReference?
  /// Branches that wait for a module that another one loads.
  var parked: [Int: Ticket] = [:]

  /// The main chunk's random numbers.
  var chance = Chance(state: .random(in: .min ... .max))
  /// By how many seconds the time that a branch is told is behind the clock's; nil where it never is.
  public var lag: ((Branch) -> Int64)?
  // Branches; see Core+Branches.swift.
  var branches: [Int: Branch] = [:]
  var ready = Deque<(branch: Branch, resumption: Resumption)>()
  var running: Branch?
  var pendingWait: PendingWait?
  var lastBranch = 0
  var externalWaits = 0
  var isDraining = false
  /// Told when the last branch has ended.
  var onAllDone: [() -> Void] = []
  /// What `os.exit` asked for.
  public internal(set) var exitCode: Int32?
  /// Told of an `os.exit`, while its branch still runs.
  public var onExit: ((Int32) -> Void)?
  /// The branch of a session's line that has not ended; see VM+Line.swift.
  var line: Branch?
  /// True where the script left by an os.exit that does not close the state.
  var isLeft = false
  /// Told of a branch that raised where nobody joins it.
  public var onLostFailure: ((Branch, LuaFailure) -> Void)?
  /// What the layer above keeps with the machine.
  public var attachment: AnyObject?
  /// Where what comes from other threads arrives.
  public let mailbox: Mailbox
  init(memoryLimit: Int, mailbox: Mailbox) {
    self.mailbox = mailbox
    host = .allocate(capacity: 1)
    host.initialize(to: cvl_host())
    guard let opened = cvl_open(host) else { fatalError("Lua could not be started: out of memory") }
    L = opened
    state = OpenState(opened)
    host.pointee.limit = memoryLimit
    host.pointee.collect_at = memoryLimit / 5 * 4
    host.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    host.pointee.call = { context, L, index in
      // The core outlives its state; see `close`.
      Unmanaged<Core>.fromOpaque(context!)._withUnsafeGuaranteedRef { $0.dispatch(L!, Int(index)) }
    }
    host.pointee.next_deferred = { context, L in
      Unmanaged<Core>.fromOpaque(context!)._withUnsafeGuaranteedRef { $0.pushNextDeferred(L!) ? 1 : 0 }
    }
    host.pointee.deferred_failed = { context, L in
      Unmanaged<Core>.fromOpaque(context!)._withUnsafeGuaranteedRef { $0.deferredFailed(L!) }
    }
    host.pointee.release = { object in
      // Balanced by passRetained in `push(object:)`.
      Unmanaged<AnyObject>.fromOpaque(object!).release()
    }
  }

  deinit {
    close()
    // Balanced by passRetained in `register`: a core's functions last as long as it does.
    for function in functions { function.release() }
    host.deinitialize(count: 1)
    host.deallocate()
  }

  /// Closes the state: finalizers run, objects are given back. Nothing of the core may be used after.
  func close() {
    guard state.L != nil else { return }
    state.L = nil
    // As stock Lua: os.exit leaves without closing the state, unless asked to. The process ends anyway.
    if !isLeft { lua_close(L) }
    branches = [:]
    ready = []
    for done in onAllDone { done() }
    onAllDone = []
  }

  var isClosed: Bool { state.L == nil }

  /// Bytes that Lua holds.
  public var memoryInUse: Int { Int(host.pointee.used) }

  // MARK: host functions

  private func dispatch(_ L: OpaquePointer, _ index: Int) -> Int32 {
    // The function lives as long as the core.
    functions[index]._withUnsafeGuaranteedRef { perform($0, L) }
  }

  private func perform(_ function: HostFunction, _ L: OpaquePointer) -> Int32 {
    do throws(LuaFailure) {
      return try function.body(Stack(core: self, L: L)).count
    } catch {
      var failure = error
      if failure.place == nil { failure.place = place(of: L) }
      if failure.kind == LuaFailure.plain { push(failure.sentence, on: L) } else { push(failure, on: L) }
      return Int32(CVL_ERROR)
    }
  }

  /// Makes `body` known as a host function, called `name` where people read of it; the number stays good as long as the machine.
  public func register(_ name: String, _ body: @escaping HostFunction.Body) -> HostFunctionNumber {
    functions.append(.passRetained(HostFunction(body)))
    return HostFunctionNumber(index: Int32(functions.count - 1))
  }

  // MARK: references

  /// Takes the value on top of `L`'s stack into a reference.
  func reference(poppedFrom L: OpaquePointer) -> LuaReference {
    LuaReference(poppedFrom: L, of: state)
  }

  func push(_ reference: LuaReference, on L: OpaquePointer) {
    lua_rawgeti(L, cvl_registry(), lua_Integer(reference.number))
  }

  // MARK: text

  func push(_ text: String, on L: OpaquePointer) {
    var text = text
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) { lua_pushlstring(L, $0.baseAddress, $0.count) }
    }
  }

  func push(bytes: UnsafeRawBufferPointer, on L: OpaquePointer) {
    bytes.withMemoryRebound(to: CChar.self) { _ = lua_pushlstring(L, $0.baseAddress, $0.count) }
  }

  /// The string at `index`; nil for any other type, numbers too.
  func string(_ L: OpaquePointer, _ index: Int32) -> String? {
    guard lua_type(L, index) == LUA_TSTRING else { return nil }
    var length = 0
    guard let bytes = lua_tolstring(L, index, &length) else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }

  /// The value as `print` shows it; a `__tostring` may run, and is not let to raise.
  func shown(_ L: OpaquePointer, _ index: Int32) -> String {
    cvl_tostring(L, index)
    defer { cvl_pop(L, 1) }
    return string(L, -1) ?? ""
  }

  /// `table[name] = value on top`, raw; pops the value.
  func rawSet(_ L: OpaquePointer, _ table: Int32, _ name: String) {
    let table = lua_absindex(L, table)
    push(name, on: L)
    lua_rotate(L, -2, 1)
    lua_rawset(L, table)
  }

  /// Pushes `table[name]`, raw.
  @discardableResult
  func rawGet(_ L: OpaquePointer, _ table: Int32, _ name: String) -> Int32 {
    let table = lua_absindex(L, table)
    push(name, on: L)
    return lua_rawget(L, table)
  }

  /// `file:line` of the innermost script function that runs on `L`; the prelude's own do not count.
  func place(of L: OpaquePointer) -> String? {
    var level: Int32 = 0
    while let frame = frame(level, of: L) {
      if let place = frame.place, !frame.isPrelude { return place }
      level += 1
    }
    return nil
  }

  /// `file:line` of what called the function of the prelude that runs on `L`; nil where that was C.
  func callerPlace(of L: OpaquePointer) -> String? {
    var level: Int32 = 1
    while let frame = frame(level, of: L) {
      if !frame.isPrelude { return frame.place }
      level += 1
    }
    return nil
  }

  private func frame(_ level: Int32, of L: OpaquePointer) -> (place: String?, isPrelude: Bool)? {
    var record = lua_Debug()
    guard lua_getstack(L, level, &record) != 0 else { return nil }
    lua_getinfo(L, "Sl", &record)
    guard record.currentline > 0 else { return (nil, false) }
    let source = withUnsafeBytes(of: record.short_src) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return ("\(source):\(record.currentline)", source.hasPrefix("[cvlua"))
  }
}

extension Core {
  /// `file:line` of the definition of the script's function at `index`.
  func definition(of L: OpaquePointer, _ index: Int32) -> String? {
    var record = lua_Debug()
    lua_pushvalue(L, index)
    lua_getinfo(L, ">S", &record)
    guard record.linedefined >= 0 else { return nil }
    let source = withUnsafePointer(to: &record.short_src) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
        String(cString: $0)
      }
    }
    return source.hasPrefix("[cvlua]") ? nil : "\(source):\(record.linedefined)"
  }
}

/// Names a host function of one machine.
public struct HostFunctionNumber: Hashable, Sendable {
  let index: Int32
}

/// A function of Swift that scripts call.
public final class HostFunction {
  public typealias Body = (Stack) throws(LuaFailure) -> Reply

  let body: Body

  init(_ body: @escaping Body) { self.body = body }
}

/// What a host function answers: values that it has pushed, or that the branch waits.
public struct Reply {
  let count: Int32

  /// The top `count` values of the stack are the results.
  public static func values(_ count: Int) -> Reply { Reply(count: Int32(count)) }
  /// No result.
  public static var none: Reply { Reply(count: 0) }
  /// The value on top of the stack is raised, whatever it is.
  public static var raise: Reply { Reply(count: Int32(CVL_ERROR)) }
  /// The branch waits; its ticket's resolution brings the results.
  static var wait: Reply { Reply(count: Int32(CVL_WAIT)) }
}

extension Core {
  /// Sets a global to a host function.
  public func setGlobal(_ name: String, _ function: HostFunctionNumber) {
    cvl_push_function(L, function.index, 0)
    setGlobal(name)
  }

  /// Sets a global to the value on top of the state's own stack, which is popped.
  public func setGlobal(_ name: String) {
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    lua_rotate(L, -2, 1)
    rawSet(L, -2, name)
    cvl_pop(L, 1)
  }

  /// The state's own stack, for building what scripts will see.
  public var stack: Stack { Stack(core: self, L: L) }
}
