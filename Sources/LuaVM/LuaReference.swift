internal import CLua
internal import CLuaShim

/// Keeps a Lua value alive. It belongs to its machine's thread; the value is given back with the object.
public final class LuaReference {
  private let state: OpenState
  let number: Int32

  /// Takes the value on top of `L`'s stack.
  init(poppedFrom L: OpaquePointer, of state: OpenState) {
    self.state = state
    number = luaL_ref(L, cvl_registry())
  }

  deinit {
    if let L = state.L { luaL_unref(L, cvl_registry(), number) }
  }
}

/// The Lua state for as long as it is open: references may outlive it.
final class OpenState {
  var L: OpaquePointer?

  init(_ L: OpaquePointer) { self.L = L }
}
