internal import CLua
internal import CLuaShim
public import CSlots

/// The types of Lua's values.
public enum LuaType: Int32, Sendable {
  case none = -1
  case null, boolean, lightUserdata, number, string, table, function, userdata, thread

  /// The name as Lua says it.
  public var name: String {
    switch self {
    case .none: "no value"
    case .null: "nil"
    case .boolean: "boolean"
    case .lightUserdata, .userdata: "userdata"
    case .number: "number"
    case .string: "string"
    case .table: "table"
    case .function: "function"
    case .thread: "thread"
    }
  }
}

/// A stack of one coroutine, for pushing and for reading, by raw access only. Good for the length of a call.
public struct Stack {
  public let core: Core
  let L: OpaquePointer

  // MARK: pushing

  public func push(_ text: String) { core.push(text, on: L) }
  public func push(_ flag: Bool) { lua_pushboolean(L, flag ? 1 : 0) }
  public func push(_ number: Int64) { lua_pushinteger(L, lua_Integer(number)) }
  public func push(_ number: Int) { lua_pushinteger(L, lua_Integer(number)) }
  public func push(_ number: Double) { lua_pushnumber(L, number) }
  public func push(bytes: UnsafeRawBufferPointer) { core.push(bytes: bytes, on: L) }
  public func push(_ failure: LuaFailure) { core.push(failure, on: L) }
  public func push(_ reference: LuaReference) { core.push(reference, on: L) }
  public func pushNil() { lua_pushnil(L) }
  /// Pushes the null pointer, which stands for JSON's null.
  public func pushNull() { lua_pushlightuserdata(L, nil) }

  /// Pushes an optional: nil for none.
  public func push(_ text: String?) { if let text { push(text) } else { pushNil() } }
  public func push(_ number: Int64?) { if let number { push(number) } else { pushNil() } }

  /// Pushes an empty table with room for so many values.
  public func pushTable(list: Int = 0, fields: Int = 0) {
    lua_checkstack(L, 4)
    lua_createtable(L, Int32(list), Int32(fields))
  }

  /// Pushes a host function with the top `upvalues` values of the stack as its upvalues, which it takes.
  public func push(_ function: HostFunctionNumber, upvalues: Int = 0) {
    cvl_push_function(L, function.index, Int32(upvalues))
  }

  /// `table[name] = ` the value on top, which is popped.
  public func set(_ table: Int, _ name: String) { core.rawSet(L, Int32(table), name) }
  /// `table[index] = ` the value on top, which is popped.
  public func set(_ table: Int, at index: Int) { lua_rawseti(L, Int32(table), lua_Integer(index)) }
  /// Pushes a copy of the value at `index`.
  public func copy(_ index: Int) { lua_pushvalue(L, Int32(index)) }
  public func pop(_ count: Int = 1) { cvl_pop(L, Int32(count)) }
  /// Sets the metatable, which is on top and popped, of the value at `index`.
  public func setMetatable(of index: Int) { lua_setmetatable(L, Int32(index)) }
  public func absolute(_ index: Int) -> Int { Int(lua_absindex(L, Int32(index))) }
  public var top: Int { Int(lua_gettop(L)) }
  /// Makes room for `count` more values; false where the stack cannot grow so far.
  public func ensure(_ count: Int) -> Bool { lua_checkstack(L, Int32(clamping: count)) != 0 }

  /// Takes the value on top into a reference.
  public func popReference() -> LuaReference { core.reference(poppedFrom: L) }

  /// Keeps the value at `index`.
  public func reference(_ index: Int) -> LuaReference {
    lua_pushvalue(L, Int32(index))
    return core.reference(poppedFrom: L)
  }

  // MARK: reading

  public func type(_ index: Int) -> LuaType { LuaType(rawValue: lua_type(L, Int32(index))) ?? .none }
  public func isNothing(_ index: Int) -> Bool { lua_type(L, Int32(index)) <= LUA_TNIL }
  public func boolean(_ index: Int) -> Bool { lua_toboolean(L, Int32(index)) != 0 }

  /// The integer, or the float with an integral value; nil for anything else, numeric strings too.
  public func integer(_ index: Int) -> Int64? {
    guard lua_type(L, Int32(index)) == LUA_TNUMBER else { return nil }
    var isInteger: Int32 = 0
    let value = lua_tointegerx(L, Int32(index), &isInteger)
    return isInteger != 0 ? Int64(value) : nil
  }

  public func isInteger(_ index: Int) -> Bool { lua_isinteger(L, Int32(index)) != 0 }

  public func number(_ index: Int) -> Double? {
    lua_type(L, Int32(index)) == LUA_TNUMBER ? lua_tonumberx(L, Int32(index), nil) : nil
  }

  /// The text of a string; nil for other types, numbers too. Bytes that are no UTF-8 are replaced.
  public func string(_ index: Int) -> String? { core.string(L, Int32(index)) }

  /// The bytes of a string, good for as long as the value stays on the stack.
  public func bytes(_ index: Int) -> UnsafeRawBufferPointer? {
    guard lua_type(L, Int32(index)) == LUA_TSTRING else { return nil }
    var length = 0
    guard let start = lua_tolstring(L, Int32(index), &length) else { return nil }
    return UnsafeRawBufferPointer(start: start, count: length)
  }

  /// The value as `print` shows it.
  public func shown(_ index: Int) -> String { core.shown(L, Int32(index)) }
  /// What a host reads of an error value.
  public func failure(_ index: Int) -> LuaFailure { core.failure(at: Int32(index), on: L) }
  /// Whether the value is one of the host's own error objects.
  public func isErrorObject(_ index: Int) -> Bool { core.isErrorObject(at: Int32(index), on: L) }
  /// `file:line` of the definition of the function at `index`; nil for one that is no script's.
  public func definition(_ index: Int) -> String? { core.definition(of: L, Int32(index)) }
  /// Length of a string or table, without metamethods.
  public func rawLength(_ index: Int) -> Int { Int(lua_rawlen(L, Int32(index))) }
  public func isSame(_ left: Int, _ right: Int) -> Bool { lua_rawequal(L, Int32(left), Int32(right)) != 0 }
  /// An address that tells tables, functions and userdata apart.
  public func identity(_ index: Int) -> UInt { UInt(bitPattern: lua_topointer(L, Int32(index))) }
  public func isNull(_ index: Int) -> Bool {
    lua_type(L, Int32(index)) == LUA_TLIGHTUSERDATA && lua_touserdata(L, Int32(index)) == nil
  }

  /// Pushes `table[name]`, raw; tells the type.
  @discardableResult
  public func get(_ table: Int, _ name: String) -> LuaType {
    LuaType(rawValue: core.rawGet(L, Int32(table), name)) ?? .none
  }

  /// Pushes `table[index]`, raw; tells the type.
  @discardableResult
  public func get(_ table: Int, at index: Int) -> LuaType {
    LuaType(rawValue: lua_rawgeti(L, Int32(table), lua_Integer(index))) ?? .none
  }

  /// Replaces the key on top of the stack by its value in the table at `index`, which is absolute; raw.
  public func rawGet(_ table: Int) { lua_rawget(L, Int32(table)) }

  /// Whether the table at `index`, which is absolute, holds nothing.
  public func isEmptyTable(_ table: Int) -> Bool {
    lua_pushnil(L)
    // The first key cannot be the wrong one; see `forEach`.
    guard lua_next(L, Int32(table)) != 0 else { return true }
    pop(2)
    return false
  }

  /// Pushes the metatable of the value at `index`, if it has one.
  public func pushMetatable(_ index: Int) -> Bool { lua_getmetatable(L, Int32(index)) != 0 }

  /// Walks a table by raw access. `body` finds the key at −2 and the value at −1 and leaves both there.
  public func forEach<Failure: Error>(_ table: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
    let table = lua_absindex(L, Int32(table))
    lua_checkstack(L, 6)
    lua_pushnil(L)
    // lua_next raises only for a key that is not in the table; ours comes from it, and nobody changes it.
    while lua_next(L, table) != 0 {
      let level = lua_gettop(L)
      do throws(Failure) {
        try body()
      } catch {
        lua_settop(L, level - 2)
        throw error
      }
      lua_settop(L, level - 1)
    }
  }

  // MARK: objects

  /// Pushes `object` as a userdata of `type`, which owns it.
  public func push<Object: AnyObject>(_ object: Object, as type: ObjectType<Object>) {
    lua_checkstack(L, 4)
    // Given back by the finalizer, in `release` of the host.
    cvl_push_object(L, Unmanaged.passRetained(object as AnyObject).toOpaque())
    core.push(type.metatable, on: L)
    lua_setmetatable(L, -2)
  }

  /// The same, with a metatable of its own: `fill` finds the userdata at −2 and the metatable at −1, adds to
  /// it, and leaves both there.
  public func push<Object: AnyObject>(_ object: Object, as type: ObjectType<Object>, _ fill: (Stack) -> Void)
  {
    lua_checkstack(L, 8)
    // Given back by the finalizer, in `release` of the host.
    cvl_push_object(L, Unmanaged.passRetained(object as AnyObject).toOpaque())
    type.pushBareMetatable(self)
    fill(self)
    lua_setmetatable(L, -2)
  }

  /// Pushes a global, raw.
  public func pushGlobal(_ name: String) {
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    core.rawGet(L, -1, name)
    lua_rotate(L, -2, -1)
    lua_settop(L, -2)
  }

  /// The object in the userdata at `index`; nil where it is none of `type`.
  public func object<Object: AnyObject>(_ index: Int, as type: ObjectType<Object>) -> Object? {
    guard let found = cvl_object(L, Int32(index), type.key) else { return nil }
    // The userdata owns the object; its metatable carries the type's key, so the type is right.
    return unsafeDowncast(Unmanaged<AnyObject>.fromOpaque(found).takeUnretainedValue(), to: Object.self)
  }
}

/// What only a running host function has: its arguments stand at 1, 2, ….
extension Stack {
  /// How many arguments there are.
  public var count: Int { top }

  /// The object that stands as upvalue `index` (from 1) of this function.
  public func upvalue<Object: AnyObject>(_ index: Int, as type: ObjectType<Object>) -> Object? {
    object(upvalueIndex(index), as: type)
  }

  /// The address of the object in upvalue `index` (from 1), for a function that was made with one there:
  /// nothing is looked up, and it is not retained. Not generic, so that a caller in another module pays no
  /// more than a load.
  public func knownUpvalue(_ index: Int) -> UnsafeRawPointer? {
    // Whoever made the function knows its type; scripts cannot change an upvalue of a host function (the
    // trusted profile's debug.setupvalue can, which is why it is called trusted).
    UnsafeRawPointer(cvl_upvalue_object(L, Int32(index)))
  }

  /// The index on the stack of upvalue `index` (from 1) of this function.
  public func upvalueIndex(_ index: Int) -> Int { Int(cvl_upvalue(Int32(index) + 1)) }

  /// `file:line` of the script that calls.
  public var place: String? { core.place(of: L) }

  /// The branch that calls; nil where none runs (a finalizer at the machine's end).
  public var branch: Branch? { core.running }

  /// Fills `slot` from the value at `index`.
  public func fill(_ index: Int, _ slot: UnsafeMutablePointer<cv_slot>) { cvl_fill(L, Int32(index), slot) }

  /// Starts a branch for the function and the `count` arguments on top of the stack, which it takes.
  public func spawn(arguments count: Int) -> Branch { core.makeBranch(from: L, arguments: Int32(count)) }
}

/// A kind of userdata that owns objects of one Swift class.
public final class ObjectType<Object: AnyObject> {
  let name: String
  let metatable: LuaReference
  let key: UnsafeMutableRawPointer
  // The address only tells types apart; it lives as long as the type, which lives as long as the machine.

  /// - Parameters:
  ///   - name: what `type`-like messages and `tostring` say.
  ///   - core: the machine.
  ///   - closes: a `<close>` variable gives the object back at the end of its block.
  ///   - fill: adds to the metatable, which is on top of the stack.
  public init(_ name: String, in core: Core, closes: Bool = false, _ fill: (Stack) -> Void) {
    self.name = name
    key = .allocate(byteCount: 1, alignment: 1)
    let stack = core.stack
    // Filled in below, when all of self is there.
    lua_createtable(core.L, 0, 8)
    metatable = stack.reference(-1)
    fillBare(stack, closes: closes)
    fill(stack)
    stack.pop()
  }

  /// Pushes a new metatable that makes a userdata one of this type.
  func pushBareMetatable(_ stack: Stack) {
    lua_createtable(stack.L, 0, 8)
    fillBare(stack, closes: false)
  }

  private func fillBare(_ stack: Stack, closes: Bool) {
    lua_pushboolean(stack.L, 1)
    lua_rawsetp(stack.L, -2, key)
    stack.push(name)
    stack.set(-2, "__name")
    stack.push(name)
    stack.set(-2, "__metatable")
    cvl_add_finalizers(stack.L, closes)
  }

  deinit { key.deallocate() }
}
