import LuaVM
import Workflow

/// A pool as a script holds it.
final class PoolObject {
  let pool: Pool

  init(_ pool: Pool) { self.pool = pool }

  static func fill(_ stack: Stack) {
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      let pool = try call.receiver(Session.of(call).types.pool, "pool").pool
      switch call.string(2) {
      case "name": call.push(pool.name)
      case "max": call.push(Int64(pool.max))
      case "weight": call.push(Int64(pool.weight))
      case "counts_others": call.push(pool.countsOthers)
      default: throw .argument("a pool has \(PoolModule.shape.inventory), but no \(call.quoted(2))")
      }
      return .values(1)
    }
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      let pool = try call.receiver(Session.of(call).types.pool, "pool").pool
      call.push("pool \(pool.name): max \(pool.max)\(pool.weight == 1 ? "" : ", weight \(pool.weight)")")
      return .values(1)
    }
  }
}

/// The global `pool`.
enum PoolModule {
  static let options = APIShape(
    "pool_options", .arguments, "What a pool is.",
    [
      .init("name", "string", "whoever names it shares it"),
      .init("max", "integer", "so much at once"),
      .init("weight?", "integer", "how much a submit takes; 1 where nothing is said"),
      .init("counts_others?", "boolean", "whether jobs that others started on the same clients take 1 each"),
    ])

  static let shape = APIShape(
    "pool", .object, "A limit on how much runs at once.",
    [
      .init("name", "string", "whoever names it shares it"),
      .init("max", "integer", "so much at once"),
      .init("weight", "integer", "how much a submit takes"),
      .init("counts_others", "boolean", "whether jobs of others count"),
    ])

  static var entry: APIEntry {
    APIEntry(
      "pool", "(options: pool_options): pool",
      """
      A limit on how much runs at once, for the option `pool` of a submit: at most `max` of it, over all branches, \
      scripts and processes of this machine that name it. A submit takes `weight` of it, first come, first served, \
      and its jobs have it until they are seen to end, whatever becomes of the branch or the process. Given several, \
      a submit takes all of them or none. Where maxes differ, the least that anybody in the pool was promised \
      counts. `counts_others`: jobs that others started on the same clients take 1 each. A simulated run, and one \
      without a journal, is alone in its pools.
      """,
      example:
        "local rds = backup.rds:with({ clientName = \"aws-prod\", instanceName = \"eu-west-1\" }, { pool = pool{ name = \"aws\", max = 4 } })  assert(rds{ subclientName = \"crm\" }:wait().ok)"
    ) { call throws(LuaFailure) in
      let arguments = try NamedArguments(call, 1, "pool", options.names)
      guard let name = try arguments.text("name") else {
        throw .argument("pool needs a name, such as pool{ name = \"aws-prod\", max = 4 }")
      }
      guard name.utf8.count <= longestName,
        !name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
      else {
        throw .argument("pool: a name has at most \(longestName) bytes and no control characters")
      }
      guard let max = try count("max", arguments) else {
        throw .argument("pool \(name) needs a max: how much runs at once, such as max = 4")
      }
      let weight = try count("weight", arguments) ?? 1
      guard weight <= max else {
        throw .argument("pool \(name): a weight of \(weight) never fits into a max of \(max)")
      }
      let pool = Pool(name: name, max: max, weight: weight, countsOthers: try arguments.flag("counts_others"))
      call.push(PoolObject(pool), as: Session.of(call).types.pool)
      return .values(1)
    }
  }

  private static let longestName = 200
  private static let most: Int64 = 1_000_000

  private static func count(_ name: String, _ arguments: NamedArguments) throws(LuaFailure) -> Int? {
    guard let number = try arguments.count(name) else { return nil }
    guard number <= most else { throw .argument("pool: \(name) is at most \(most), not \(number)") }
    return Int(number)
  }

  /// The pool, or list of pools, on top of the stack.
  static func pools(_ call: Stack) throws(LuaFailure) -> [Pool] {
    let type = Session.of(call).types.pool
    var pools: [Pool] = []
    func add(_ what: String) throws(LuaFailure) {
      guard let pool = call.object(-1, as: type)?.pool else {
        throw .argument(
          "\(what) must be a pool, such as pool{ name = \"aws-prod\", max = 4 }, not \(call.quoted(-1))")
      }
      if pools.contains(where: { $0.name == pool.name }) {
        throw .argument("pool: \(pool.name) is given twice; give it once, with the weight that it needs")
      }
      pools.append(pool)
    }
    guard call.type(-1) == .table else {
      try add("pool")
      return pools
    }
    let length = call.rawLength(-1)
    try call.forEach(-1) { () throws(LuaFailure) in
      guard let index = call.integer(-2), index >= 1, index <= length else {
        throw .argument(
          "pool must be a pool or a list of pools; this table has the key \(call.quoted(-2)): say pool = pool{ … }"
        )
      }
    }
    for index in stride(from: 1, through: length, by: 1) {
      call.get(-1, at: index)
      defer { call.pop() }
      try add("entry \(index) of pool")
    }
    return pools
  }
}
