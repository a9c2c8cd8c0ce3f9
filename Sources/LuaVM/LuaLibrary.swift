internal import CLuaShim

/// The Lua library that the program was built with.
public enum LuaLibrary {
  /// `Lua 5.4.4`
  public static var release: String { String(cString: cvl_release_text()) }

  /// False where a `__concat` written in Lua crashes it (Debian's 5.4.4-3). Tried once, in a child process.
  public static let concatIsSound = cvl_concat_is_sound()

  /// False where nested `coroutine.close` overflows the stack; our own coroutine library counts it then.
  public static let closeIsSound = cvl_close_is_sound()
}
