import CommandCenter
import LuaVM

/// What a look-up finds, as a plain table with the API's own names: `{ clientName, clientId, … }`.
///
/// Such a table can be passed straight as the fields of a workload: what the page does not list is left out,
/// as its metatable says where it comes from.
enum EntityTable {
  private static let typeName = "entity"

  static let shape = APIShape(
    typeName, .table, "What a look-up finds, with the API's own names; it can be the fields of a workload.",
    [
      .init("clientName?", "string", "the client"),
      .init("clientId?", "integer", "its id"),
      .init("displayName?", "string", "the client as it is shown to people"),
      .init("hostName?", "string", "the client's host"),
      .init("appName?", "string", "the agent"),
      .init("applicationId?", "integer", "its id"),
      .init("instanceName?", "string", "the instance"),
      .init("instanceId?", "integer", "its id"),
      .init("backupsetName?", "string", "the backup set"),
      .init("backupsetId?", "integer", "its id"),
      .init("subclientName?", "string", "the subclient"),
      .init("subclientId?", "integer", "its id"),
    ])

  static func makeMetatable(_ core: Core) -> LuaReference {
    let stack = core.stack
    stack.pushTable(fields: 2)
    stack.push(typeName)
    stack.set(-2, "__name")
    stack.push(typeName)
    stack.set(-2, "__metatable")
    return stack.popReference()
  }

  /// Whether the table at `index` is one that a look-up made.
  static func isOne(_ stack: Stack, _ index: Int) -> Bool {
    guard stack.pushMetatable(index) else { return false }
    stack.push(Session.of(stack).entityMetatable)
    defer { stack.pop(2) }
    return stack.isSame(-1, -2)
  }

  static func push(_ stack: Stack, _ entities: [Entity]) {
    stack.pushTable(list: entities.count)
    for (index, entity) in entities.enumerated() {
      push(stack, entity)
      stack.set(-2, at: index + 1)
    }
  }

  static func push(_ stack: Stack, _ entity: Entity) {
    stack.pushTable(fields: 10)
    func set(_ name: String, _ text: String) {
      guard !text.isEmpty else { return }
      stack.push(text)
      stack.set(-2, name)
    }
    func set(_ name: String, _ id: Int64) {
      guard id > 0 else { return }
      stack.push(id)
      stack.set(-2, name)
    }
    set("clientName", entity.clientName)
    set("clientId", entity.clientId)
    set("displayName", entity.displayName)
    set("hostName", entity.hostName)
    set("appName", entity.appName)
    set("applicationId", entity.applicationId)
    set("instanceName", entity.instanceName)
    set("instanceId", entity.instanceId)
    set("backupsetName", entity.backupsetName)
    set("backupsetId", entity.backupsetId)
    set("subclientName", entity.subclientName)
    set("subclientId", entity.subclientId)
    stack.push(Session.of(stack).entityMetatable)
    stack.setMetatable(of: -2)
  }
}
