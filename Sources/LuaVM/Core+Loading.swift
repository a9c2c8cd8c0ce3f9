internal import CLua
internal import CLuaShim

/// Loading of chunks.
extension Core {
  /// Pushes the chunk's function on the state's own stack; or tells what is wrong with it.
  func load(_ chunk: VM.Chunk, _ options: VM.Options) -> LuaFailure? {
    switch chunk {
    case .text(let bytes, let name):
      return load(bytes, name: name, mode: options.profile == .trusted ? "bt" : "t")
    case .file(let path):
      let status = luaL_loadfilex(L, path, nil)
      return status == LUA_OK ? nil : loadFailure(status)
    }
  }

  /// Pushes the function of `bytes`: a first line that begins with `#` and a byte order mark are skipped.
  func load(_ bytes: [UInt8], name: String, mode: String) -> LuaFailure? {
    var text = bytes[...]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    if text.first == UInt8(ascii: "#") {
      // The line goes, its end stays, so that line numbers are right.
      text = text.drop { $0 != UInt8(ascii: "\n") }
    }
    if mode == "t", let line = text.withUnsafeBytes({ Self.lineOfConcat(in: $0) }) {
      return LuaFailure("syntax", Self.concatIsRefused, place: "\(name.dropFirst()):\(line)")
    }
    let status = text.withUnsafeBytes { buffer in
      luaL_loadbufferx(L, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, name, mode)
    }
    return status == LUA_OK ? nil : loadFailure(status)
  }

  static let concatIsRefused = """
    __concat would crash on this machine's Lua library (a defect of Debian's 5.4.4-3); write a function instead
    """

  /// The line of a text on which `__concat` stands, outside a comment of that line, where the library does not
  /// bear it; nil where all is well.
  static func lineOfConcat(in text: UnsafeRawBufferPointer) -> Int? {
    let name: StaticString = "__concat"
    let newline = UInt8(ascii: "\n")
    var at = 0
    while at < text.count,
      let found = cvl_find(text.baseAddress! + at, text.count - at, name.utf8Start, name.utf8CodeUnitCount)
    {
      let start = found - text.baseAddress!
      let lineStart = text[..<start].lastIndex(of: newline).map { $0 + 1 } ?? 0
      let before = text[lineStart..<start]
      let isComment = zip(before, before.dropFirst()).contains { $0 == UInt8(ascii: "-") && $1 == $0 }
      if !isComment, !LuaLibrary.concatIsSound { return text[..<start].count { $0 == newline } + 1 }
      at = start + name.utf8CodeUnitCount
    }
    return nil
  }

  private func loadFailure(_ status: Int32) -> LuaFailure {
    defer { cvl_pop(L, 1) }
    return failure(status: status, on: L, traceback: false)
  }

  /// Runs a chunk of the host's own, with the top `count` values of the state's stack as its arguments, and pushes the
  /// one value that it returns in their place. Frames of a chunk whose name begins with `[cvlua` do not show.
  public func pushResult(of text: String, name: String, arguments count: Int) throws(LuaFailure) {
    if let failure = load(Array(text.utf8), name: "=\(name)", mode: "t") { throw failure }
    lua_rotate(L, -Int32(count) - 1, 1)
    guard cvl_pcall(L, Int32(count), 1) == LUA_OK else { throw loadFailure(LUA_ERRRUN) }
  }

  /// The text of a string, number or boolean.
  func simpleText(_ reference: LuaReference) -> String? {
    push(reference, on: L)
    defer { cvl_pop(L, 1) }
    switch lua_type(L, -1) {
    case LUA_TSTRING, LUA_TNUMBER, LUA_TBOOLEAN: return shown(L, -1)
    default: return nil
    }
  }
}
