import CommandCenterAPI
public import LuaVM
import Synchronization

/// The configuration file: a Lua file that returns a table of profiles, evaluated without files or processes.
///
/// ```lua
/// return {
///   prod = {
///     url = "https://cc.example.com/commandcenter/api",
///     user = "svc-backup", password = secret.credential "cv-password",
///     unattended = true,
///   },
/// }
/// ```
public struct Configuration: Sendable {
  public var profiles: [Profile]

  public init(profiles: [Profile] = []) { self.profiles = profiles }

  /// Reads the text of a configuration file.
  ///
  /// - Throws: all that is wrong with the first wrong profile, with the file's line where it has one.
  public static func read(_ text: [UInt8], name: String) async throws(LuaFailure) -> Configuration {
    let vm = VM()
    let found = Mutex<Result<[Profile], LuaFailure>?>(nil)
    let box = Box(found)
    try await vm.open { core throws(LuaFailure) in
      let type = ObjectType<SecretReference>("secret", in: core) { SecretReference.fill($0) }
      addSecrets(core, type)
      let take = core.register("configuration") { call throws(LuaFailure) in
        let profiles = try readProfiles(call, type)
        box.value.withLock { $0 = .success(profiles) }
        return .none
      }
      core.setGlobal("take", take)
    }
    let code = """
      local text, name, take = ..., select(2, ...), take
      _G.take = nil
      local chunk, message = load(text, name)
      if not chunk then error(message, 0) end
      take(chunk())
      """
    let end = await vm.run(
      .text(Array(code.utf8), name: "=(configuration)"),
      arguments: [String(decoding: text, as: UTF8.self), "@" + name])
    await vm.close()
    if var failure = end.failure {
      if failure.place?.hasPrefix("(configuration)") ?? false { failure.place = name }
      throw failure
    }
    guard case .success(let profiles) = box.value.withLock({ $0 }) else {
      throw LuaFailure("configuration", "\(name) did not return")
    }
    return Configuration(profiles: profiles)
  }

  // MARK: secrets

  private static func addSecrets(_ core: Core, _ type: ObjectType<SecretReference>) {
    let stack = core.stack
    func add(_ name: String, _ make: @escaping (Stack) throws(LuaFailure) -> SecretSource) {
      stack.push(
        core.register("secret.\(name)") { call throws(LuaFailure) in
          call.push(SecretReference(try make(call)), as: type)
          return .values(1)
        })
      stack.set(-2, name)
    }
    func text(_ call: Stack, _ what: String) throws(LuaFailure) -> String {
      guard let text = call.string(1), !text.isEmpty else {
        throw .argument("\(what), not \(call.quoted(1))")
      }
      return text
    }
    stack.pushTable(fields: 4)
    add("env") { call throws(LuaFailure) in .environment(try text(call, "secret.env takes a variable's name"))
    }
    add("file") { call throws(LuaFailure) in .file(try text(call, "secret.file takes a path")) }
    add("credential") { call throws(LuaFailure) in
      .credential(try text(call, "secret.credential takes a systemd credential's name"))
    }
    add("command") { call throws(LuaFailure) in
      guard call.type(1) == .table, call.rawLength(1) > 0 else {
        throw .argument("secret.command takes a list of words, such as { \"pass\", \"show\", \"commvault\" }")
      }
      var words: [String] = []
      for index in 1...call.rawLength(1) {
        call.get(1, at: index)
        guard let word = call.string(-1) else {
          throw .argument("secret.command: word \(index) is no string")
        }
        words.append(word)
        call.pop()
      }
      return .command(words)
    }
    core.setGlobal("secret")
  }

  // MARK: profiles

  private static func readProfiles(
    _ call: Stack, _ type: ObjectType<SecretReference>
  ) throws(LuaFailure) -> [Profile] {
    guard call.type(1) == .table else {
      throw LuaFailure("configuration", "a configuration returns a table of profiles, not \(call.quoted(1))")
    }
    var profiles: [Profile] = []
    try call.forEach(1) { () throws(LuaFailure) in
      guard let name = call.string(-2), !name.isEmpty else {
        throw LuaFailure("configuration", "a profile's name must be a string, not \(call.quoted(-2))")
      }
      guard call.type(-1) == .table else {
        throw LuaFailure("configuration", "profile \(name) must be a table, not \(call.quoted(-1))")
      }
      profiles.append(try ProfileReader(call, call.top, name, type).read())
    }
    guard profiles.count(where: \.isDefault) < 2 else {
      throw LuaFailure("configuration", "only one profile can have default = true")
    }
    return profiles.sorted { $0.name < $1.name }
  }
}

/// Carries what cannot be copied into a closure.
private final class Box<Value: ~Copyable & Sendable>: Sendable {
  let value: Value

  init(_ value: consuming Value) { self.value = value }
}
