// SPDX-License-Identifier: MIT

public import ChatCore

/// A client of a ``LoopbackWorld``: sends any text, keeps what it receives.
public final class LoopbackClient {
    /// Every line that was received over all connections.
    public private(set) var texts: [String] = []
    /// The same as values; ``JSONValue/null`` for a line that is no JSON.
    public private(set) var messages: [JSONValue] = []
    /// With what the last connection was closed; `nil` while it is open or if it was cut.
    public private(set) var closeCode: CloseCode?
    /// Whether there is a connection.
    public private(set) var isConnected = false
    /// How often the engine has asked for a sign of life.
    public private(set) var probes = 0
    /// Whether the client answers when it is asked for a sign of life.
    public var answersProbes = true
    /// The number of ``messages`` when the present connection began.
    public private(set) var connectionStart = 0

    private let world: LoopbackWorld
    private var link: LoopbackLink?
    private var port: LoopbackPort?
    private var partial: [UInt8] = []
    private var nextID: Int64 = 1
    private var taken = 0

    init(world: LoopbackWorld) { self.world = world }

    /// What a connection is to be like.
    public struct Options: Sendable {
        /// On which shard; `nil` for the next one in turn.
        public var shard: Int?
        /// From where.
        public var address = "192.0.2.1"
        /// Whether the transport makes its peers answer probes.
        public var answersProbes = false

        /// The defaults.
        public init(shard: Int? = nil, address: String = "192.0.2.1", answersProbes: Bool = false) {
            self.shard = shard
            self.address = address
            self.answersProbes = answersProbes
        }
    }

    /// Connects, after cutting the connection there was.
    ///
    /// - Returns: whether the engine took the connection; if not, ``closeCode`` says why.
    @discardableResult
    public func connect(_ options: Options = Options()) -> Bool {
        cut()
        partial = []
        closeCode = nil
        connectionStart = messages.count
        let port = world.port(options.shard)
        let framing = LoopbackFraming(identifier: 0x4C50 + world.nextFraming())
        let link = LoopbackLink(
            client: self, framing: framing, limits: world.engine.configuration.limits
        ) { [weak port] in port?.wake() }
        let peer = PeerInfo(
            address: options.address, transport: "loopback", answersProbes: options.answersProbes)
        port.asOwner {
            switch port.host.accept(link, peer: peer) {
            case .success(let session):
                link.session = session
                port.add(link)
                isConnected = true
            case .failure(let refusal): closeCode = refusal.code
            }
        }
        self.link = isConnected ? link : nil
        self.port = port
        port.wake()
        return isConnected
    }

    /// Ends the connection without a word.
    public func cut() {
        guard let link, let port else { return }
        port.asOwner { link.cut() }
        port.wake()
        self.link = nil
        isConnected = false
    }

    // MARK: Sending

    /// Sends one line. What it does shows once the world runs.
    public func send(_ text: String) { write(Array(text.utf8) + [0x0A]) }

    /// Sends one command.
    public func send(_ message: JSONValue) { send(message.description) }

    /// Sends bytes as they are: half a line, three lines.
    public func write(_ bytes: [UInt8]) { link?.write(bytes) }

    /// Sends a command with an id of its own, without waiting. Returns the id.
    @discardableResult
    public func post(_ type: String, _ fields: JSONValue = [:]) -> Int {
        let id = nextID
        nextID += 1
        send(fields.setting("type", to: .string(type)).setting("id", to: .integer(id)))
        return Int(id)
    }

    /// Sends a command and lets the world settle. Returns the answer; ``JSONValue/null`` if there is none.
    @discardableResult
    public func ask(_ type: String, _ fields: JSONValue = [:]) -> JSONValue {
        let id = post(type, fields)
        world.settle()
        return answer(to: id)
    }

    /// The answer to a command of ``post(_:_:)``; ``JSONValue/null`` if there is none yet.
    public func answer(to id: Int) -> JSONValue {
        messages.last { $0["id"] == .integer(Int64(id)) } ?? .null
    }

    /// Stops reading after another `bytes` bytes: everything later waits on the server.
    public func stopReading(afterBytes bytes: Int = 0) { link?.window = bytes }

    /// Reads everything again.
    public func startReading() {
        link?.window = .max
        port?.wake()
    }

    // MARK: Receiving

    /// What came since the last call of this.
    public func takeNew() -> [JSONValue] {
        defer { taken = messages.count }
        return Array(messages[taken...])
    }

    /// Every event (what is no answer), of one type if it is given.
    public func events(_ type: String? = nil) -> [JSONValue] {
        messages.filter {
            $0.type != "ok" && $0.type != "error" && (type == nil || $0.type == type)
        }
    }

    /// The events of a room's log (those with a place) in the order of arrival.
    public func log(of room: String) -> [JSONValue] {
        messages.filter { $0.type != "ok" && $0["room"].string == room && $0.seq > 0 }
    }

    func take(_ bytes: ArraySlice<UInt8>) {
        partial.append(contentsOf: bytes)
        while let end = partial.firstIndex(of: 0x0A) {
            let line = partial[..<end]
            texts.append(String(decoding: line, as: UTF8.self))
            messages.append(JSONValue(utf8: Array(line)) ?? .null)
            partial.removeFirst(end + 1)
        }
    }

    func probed() {
        probes += 1
        if answersProbes { link?.pong() }
    }

    func ended(_ code: CloseCode?) {
        isConnected = false
        closeCode = code
        link = nil
    }
}
