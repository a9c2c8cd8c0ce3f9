internal import CLuaShim

/// The Lua library that the program was built with.
public enum LuaLibrary {
  /// `Lua 5.4.4`
  public static var release: String { String(cString: cvl_release_text()) }
}
