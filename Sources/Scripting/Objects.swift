import CommandCenter
import LuaVM
import Workflow

/// The kinds of objects that scripts hold.
struct ObjectTypes {
  let branch: ObjectType<SpawnedBranch>
  let semaphore: ObjectType<Semaphore>
  let permit: ObjectType<Permit>
  let task: ObjectType<BackupTask>
  let job: ObjectType<JobHandle>
  let commcell: ObjectType<Commcell>
  let workload: ObjectType<WorkloadFunction>
  let secret: ObjectType<SecretReference>
  let pool: ObjectType<PoolObject>

  init(_ core: Core) {
    branch = ObjectType("branch", in: core) { SpawnedBranch.fill($0) }
    semaphore = ObjectType("semaphore", in: core) { Semaphore.fill($0) }
    permit = ObjectType("permit", in: core, closes: true) { Permit.fill($0) }
    task = ObjectType("task", in: core) { BackupTask.fill($0) }
    job = ObjectType("job", in: core) { JobHandle.fill($0) }
    commcell = ObjectType("commcell", in: core) { Commcell.fill($0) }
    workload = ObjectType("workload", in: core) { WorkloadFunction.fill($0) }
    secret = ObjectType("secret", in: core) { SecretReference.fill($0) }
    pool = ObjectType("pool", in: core) { PoolObject.fill($0) }
  }
}

extension Stack {
  /// Adds methods to the metatable on top of the stack, as its `__index`.
  func addMethods(_ methods: [(String, HostFunction.Body)]) {
    pushTable(fields: methods.count)
    for (name, body) in methods {
      push(core.register(name, body))
      set(-2, name)
    }
    set(-2, "__index")
  }

  /// Adds a metamethod to the metatable on top of the stack.
  func addMetamethod(_ name: String, _ body: @escaping HostFunction.Body) {
    push(core.register(name, body))
    set(-2, name)
  }

  /// The object that a method was called on; raises where it was called with a dot instead of a colon.
  func receiver<Object: AnyObject>(_ type: ObjectType<Object>, _ method: String) throws(LuaFailure) -> Object
  {
    if let object = object(1, as: type) { return object }
    throw .argument("\(method) needs its object: call it with a colon, as in \(method)()")
  }
}
