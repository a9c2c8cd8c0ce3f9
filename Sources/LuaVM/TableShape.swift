internal import CLua
internal import CLuaShim
public import CSlots

/// The keys that a payload's table may have, found by the address of their interned text.
public final class TableShape {
  /// One key.
  public struct Key {
    public enum Kind: Sendable {
      case field, raw, container, list, associations, extra
    }

    public var name: String
    public var kind: Kind
    /// The slot of a field, or the number of a container.
    public var index: Int
    /// The number of the container that it stands in; nil at the top.
    public var parent: Int?
    /// Belongs to one entry of the list of targets.
    public var isOfTarget: Bool

    public init(name: String, kind: Kind, index: Int, parent: Int?, isOfTarget: Bool) {
      self.name = name
      self.kind = kind
      self.index = index
      self.parent = parent
      self.isOfTarget = isOfTarget
    }
  }

  /// What a walk met besides plain fields.
  public struct Met: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    /// A list of targets; `pushTargets` gives it.
    public static let associations = Met(rawValue: Int32(CVL_WALK_ASSOCIATIONS))
    /// A field that takes a whole table, or extras: for the caller to fetch.
    public static let raw = Met(rawValue: Int32(CVL_WALK_RAW))
    /// A key that is unknown or in the wrong place, or a wrong shape: for the caller to look into.
    public static let strange = Met(rawValue: Int32(CVL_WALK_STRANGE))
  }

  private let table: UnsafeMutableBufferPointer<cvl_key>
  private let shape: UnsafeMutablePointer<cvl_shape>
  // Both are handed to C for the length of a walk only, and freed with the shape.
  private let anchors: [LuaReference]

  /// - Parameter slots: the length of a row.
  public init(_ keys: [Key], slots: Int, in core: Core) {
    var size = 16
    while size < keys.count * 3 { size *= 2 }
    table = .allocate(capacity: size)
    table.initialize(repeating: cvl_key())
    shape = .allocate(capacity: 1)
    var anchors: [LuaReference] = []
    for key in keys {
      precondition(key.name.utf8.count <= 40, "Lua interns no longer string: \(key.name)")
      core.push(key.name, on: core.L)
      let name = lua_topointer(core.L, -1)!
      anchors.append(core.reference(poppedFrom: core.L))
      var at = Int(cvl_key_hash(name)) & (size - 1)
      while table[at].name != nil { at = (at + 1) & (size - 1) }
      table[at] = cvl_key(
        name: name, index: Int16(key.index), parent: Int16(key.parent ?? -1), kind: key.kind.code,
        of_target: key.isOfTarget)
    }
    self.anchors = anchors
    shape.initialize(
      to: cvl_shape(keys: UnsafePointer(table.baseAddress!), mask: UInt32(size - 1), slots: Int16(slots)))
  }

  deinit {
    shape.deallocate()
    table.deallocate()
  }

  /// Pushes the list of targets that the last walk met.
  public func pushTargets(_ stack: Stack) { cvl_push_targets(stack.L, shape) }

  /// Fills `row` from the table at `index`, which is absolute.
  public func walk(_ stack: Stack, _ index: Int, into row: UnsafeMutablePointer<cv_slot>) -> Met {
    Met(rawValue: cvl_walk(stack.L, Int32(index), shape, row))
  }

  /// Fills `row` from one entry of the list of targets.
  public func walkTarget(
    _ stack: Stack, _ index: Int, container: Int, into row: UnsafeMutablePointer<cv_slot>
  ) -> Met {
    Met(rawValue: cvl_walk_association(stack.L, Int32(index), shape, Int32(container), row))
  }
}

extension TableShape.Key.Kind {
  fileprivate var code: UInt8 {
    switch self {
    case .field: UInt8(CVL_KEY_FIELD.rawValue)
    case .raw: UInt8(CVL_KEY_RAW.rawValue)
    case .container: UInt8(CVL_KEY_CONTAINER.rawValue)
    case .list: UInt8(CVL_KEY_LIST.rawValue)
    case .associations: UInt8(CVL_KEY_ASSOCIATIONS.rawValue)
    case .extra: UInt8(CVL_KEY_EXTRA.rawValue)
    }
  }
}
