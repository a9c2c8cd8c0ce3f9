/// What can be backed up in one way: the schema of its `POST /createtask` payload. It drives checking,
/// encoding, conversion, error texts, the simulator's checks and `cvlua schema`.
///
/// The built-in ones stand in `Workloads/`; a script declares further ones with the same words.
public struct Workload: Sendable {
  /// What scripts call it: `dynamodb`.
  public let name: String
  /// What people call it: `DynamoDB backup`.
  public let title: String
  /// What it is for, in a sentence.
  public let doc: String
  /// The page that it comes from.
  public let source: String
  /// In the order of their slots; the outermost first, each after its parent.
  public let containers: [Container]
  /// In the order of the page, which is that of their slots.
  public let fields: [Field]
  public let rules: [Rule]

  /// The index into ``containers`` of the one that each field stands in.
  public let containerOfField: [Int]
  /// The index into ``containers`` of each one's parent; -1 for the outermost.
  public let parentOfContainer: [Int]
  /// The index into ``containers`` of the one that has an object for each target.
  public let associations: Int

  /// Ids that a script may leave out where it names the thing, by their indexes into ``fields``.
  public let lookups: [Lookup]

  /// An id that is looked up where it is not given.
  public struct Lookup: Hashable, Sendable {
    /// The field of the id.
    public let id: Int
    /// The field of the name.
    public let name: Int
    public let level: EntityLevel
  }

  private let fieldIndexes: [String: Int]
  private let containerIndexes: [String: Int]

  /// - Throws: everything that is wrong with the declaration, at once.
  public init(
    name: String, title: String, doc: String, source: String, containers: [Container], fields: [Field],
    rules: [Rule] = []
  ) throws(WorkloadError) {
    let mistakes = WorkloadCheck(name: name, containers: containers, fields: fields, rules: rules).mistakes()
    guard mistakes.isEmpty else { throw WorkloadError(workload: name, mistakes: mistakes) }
    self.name = name
    self.title = title
    self.doc = doc
    self.source = source
    self.containers = containers
    let names = Set(fields.map(\.name))
    self.fields = fields.map { field in
      var field = field
      // Of the others a script gives the id, or nothing.
      if !field.isRequired || field.nameField.map({ !names.contains($0) }) ?? false { field.nameField = nil }
      return field
    }
    self.rules = rules
    let containerIndexes = Dictionary(
      uniqueKeysWithValues: containers.enumerated().map { ($1.name, $0) })
    self.containerIndexes = containerIndexes
    fieldIndexes = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    lookups = self.fields.enumerated().compactMap { [fieldIndexes] index, field in
      guard let name = field.nameField.flatMap({ fieldIndexes[$0] }),
        let level = EntityLevel(idField: field.name)
      else { return nil }
      return Lookup(id: index, name: name, level: level)
    }
    // The check has found them all.
    containerOfField = fields.map { containerIndexes[$0.container]! }
    parentOfContainer = containers.map { $0.parent.map { containerIndexes[$0]! } ?? -1 }
    associations = containers.firstIndex { $0.shape == .associations }!
  }

  /// What a server calls the backup set that it makes by itself.
  public static let usualBackupset = "defaultBackupSet"

  /// How many slots a row has: one for each field, then one for what is to be added to each container.
  public var slotCount: Int { fields.count + containers.count }

  /// The slot for what is to be added to a container.
  public func extrasSlot(ofContainer index: Int) -> Int { fields.count + index }

  /// The index of a field, which is that of its slot.
  public func fieldIndex(_ name: String) -> Int? { fieldIndexes[name] }

  public func containerIndex(_ name: String) -> Int? { containerIndexes[name] }

  /// Whether a container stands in an association, or is the list of them: then each row has its own.
  public func isInAssociations(container index: Int) -> Bool {
    var index = index
    while index >= 0 {
      if index == associations { return true }
      index = parentOfContainer[index]
    }
    return false
  }

  /// Where a container's objects stand in a payload, such as `taskInfo.subTasks[].options`.
  public func path(ofContainer index: Int) -> String {
    let own = containers[index].name + (containers[index].isList ? "[]" : "")
    let parent = parentOfContainer[index]
    return parent < 0 ? own : path(ofContainer: parent) + "." + own
  }

  /// Where the rules of a field come from.
  public func source(of field: Field) -> String { field.source ?? source }
}
