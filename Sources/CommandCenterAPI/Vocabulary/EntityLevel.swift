/// What a target stands in, from the outermost: a client has instances, these have backup sets, and those have
/// subclients.
public enum EntityLevel: Int, CaseIterable, Comparable, Hashable, Sendable {
  case client, instance, backupset, subclient

  /// `clientName`: the field that names one.
  public var nameField: String {
    switch self {
    case .client: "clientName"
    case .instance: "instanceName"
    case .backupset: "backupsetName"
    case .subclient: "subclientName"
    }
  }

  /// `clientId`: the field that has its id.
  public var idField: String {
    switch self {
    case .client: "clientId"
    case .instance: "instanceId"
    case .backupset: "backupsetId"
    case .subclient: "subclientId"
    }
  }

  /// The level whose id a field has; nil for all other fields.
  public init?(idField: String) {
    guard let level = Self.allCases.first(where: { $0.idField == idField }) else { return nil }
    self = level
  }

  /// What people call one.
  public var noun: String { self == .backupset ? "backup set" : "\(self)" }

  public static func < (left: EntityLevel, right: EntityLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Something that says of each level what it is called, or what its id is, or neither.
public protocol EntityNaming {
  /// Nil where it says none.
  func name(_ level: EntityLevel) -> String?
  /// Nil where it says none.
  func id(_ level: EntityLevel) -> Int64?
}

extension EntityNaming {
  /// Whether the two name different things at a level: by their ids where both have one, else by their names
  /// where both have one. A Command Center compares names without regard to case.
  public func differs(from other: some EntityNaming, at level: EntityLevel) -> Bool {
    if let own = id(level), let others = other.id(level) { return own != others }
    if let own = name(level), let others = other.name(level) { return !own.namesTheSame(as: others) }
    return false
  }

  /// Whether the two name different things at any level.
  public func differs(from other: some EntityNaming) -> Bool {
    EntityLevel.allCases.contains { differs(from: other, at: $0) }
  }

  /// The names, or else the ids, as a path: `aws-prod/DynamoDB/customers`. The backup set is left out where it
  /// is the one that a server makes by itself.
  public var path: String {
    EntityLevel.allCases.compactMap { level -> String? in
      let name = name(level)
      if level == .backupset, name?.namesTheSame(as: Workload.usualBackupset) ?? true { return nil }
      return name ?? id(level).map { String($0) }
    }.joined(separator: "/")
  }
}

extension String {
  /// Whether two names mean the same thing to a Command Center: case does not count.
  public func namesTheSame(as other: String) -> Bool { self == other || lowercased() == other.lowercased() }

  /// Nil where empty.
  var said: String? { isEmpty ? nil : self }
}

extension Int64 {
  /// Nil for what is no id: 0 means that there is none.
  var said: Int64? { self > 0 ? self : nil }
}

extension Target: EntityNaming {
  public func name(_ level: EntityLevel) -> String? {
    switch level {
    case .client: clientName?.said
    case .instance: instanceName?.said
    case .backupset: backupsetName?.said
    case .subclient: subclientName?.said
    }
  }

  public func id(_ level: EntityLevel) -> Int64? {
    switch level {
    case .client: clientId?.said
    case .instance: instanceId?.said
    case .backupset: backupsetId?.said
    case .subclient: subclientId?.said
    }
  }

  /// Notes the id of a level; nil where it is not known.
  public mutating func setId(_ id: Int64?, of level: EntityLevel) {
    switch level {
    case .client: clientId = id
    case .instance: instanceId = id
    case .backupset: backupsetId = id
    case .subclient: subclientId = id
    }
  }
}

extension JobSummary.Subclient: EntityNaming {
  public func name(_ level: EntityLevel) -> String? {
    switch level {
    case .client: clientName.said
    case .instance: instanceName.said
    case .backupset: backupsetName.said
    case .subclient: subclientName.said
    }
  }

  public func id(_ level: EntityLevel) -> Int64? {
    switch level {
    case .client: clientId.said
    case .instance: instanceId.said
    case .backupset: backupsetId.said
    case .subclient: subclientId.said
    }
  }
}
