/**
 * The program that talks to a Ceph cluster for the driver, in the Python that the `ceph` command
 * itself is written in: it comes with every installation of Ceph's client (ceph-common brings the
 * modules rados and rbd), so it is of the same version as the cluster's own tools.
 *
 * Why not the alternatives: a `ceph` process a command takes a fifth of a second; an interactive
 * `ceph` does not say where an answer ends, nor its error number; librados within our own process
 * would take it down when it crashes, which it does when a manager dies. Only mons are asked:
 * they pass on what is the manager's, so that the manager's own, crashing client is not used.
 *
 * It reads one JSON object a line, `{id, do, ...}`, and answers each by one line
 * `{id, rc, out, said}`, in whatever order they end; `rc` is 0 or a negative errno. It ends with
 * its standard input.
 */
export const BRIDGE_PROGRAM = String.raw`
import errno, glob, json, os, socket, struct, sys, threading
from concurrent.futures import ThreadPoolExecutor
import rados
try:
    import rbd
except ImportError:
    rbd = None

cluster = None
DEFAULT_RUN_DIR = '/var/run/ceph'
SOCKET_S = 1
SOCKET_BYTES_MAX = 1 << 20
writing = threading.Lock()


def answer(id, rc, out='', said=''):
    line = json.dumps({'id': id, 'rc': rc, 'out': out, 'said': said}) + '\n'
    with writing:
        sys.stdout.write(line)
        sys.stdout.flush()


def text(data):
    return data.decode('utf-8', 'replace') if isinstance(data, bytes) else data or ''


def do_open(ask):
    """Reads the configuration; connects only when told: admin sockets need no connection."""
    global cluster
    cluster = rados.Rados(name=ask['name'], clustername=ask['cluster'], conffile=ask['conf'])
    cluster.conf_parse_env('CEPH_ARGS')
    for key, value in ask['options'].items():
        cluster.conf_set(key, value)
    return 0, '', ''


def do_connect(ask):
    cluster.connect()
    return 0, json.dumps({'fsid': cluster.get_fsid()}), ''


# Parameters of mon commands that are reals: 1 is refused where 1.0 is meant.
REALS = ('weight', 'ratio')


def do_mon(ask):
    command = {name: float(value) if name in REALS else value
               for name, value in ask['command'].items()}
    rc, out, said = cluster.mon_command(json.dumps(command), ask.get('input', '').encode('utf-8'))
    return rc, text(out), text(said)


def ask_socket(path, command):
    """The protocol of admin sockets: JSON ended by a zero byte; a length, and that many bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(SOCKET_S)
        client.connect(path)
        client.sendall(json.dumps(command).encode('utf-8') + b'\0')
        with client.makefile('rb') as answers:
            size, = struct.unpack('>I', answers.read(4))
            return json.loads(answers.read(min(size, SOCKET_BYTES_MAX)))


def do_mons(ask):
    """The monitors of this host, by their admin sockets: they answer without a quorum as well."""
    pattern = os.path.join(glob.escape(cluster.conf_get('run_dir') or DEFAULT_RUN_DIR), '*-mon.*.asok')
    found = []
    for path in sorted(glob.glob(pattern)):
        try:
            found.append(ask_socket(path, {'prefix': 'mon_status'}))
        except (OSError, ValueError, struct.error):
            pass  # left by a mon that is dead, or one that hangs
    return 0, json.dumps(found), ''


def pool_of(ask):
    io = cluster.open_ioctx(ask['pool'])
    io.set_namespace(ask.get('namespace', ''))
    return io


def trash_id(io, name):
    for entry in rbd.RBD().trash_list(io):
        if entry['name'] == name:
            return entry['id']
    raise rbd.ImageNotFound('no image %s in the trash' % name, errno=errno.ENOENT)


def snapshot(image, snap):
    return {'name': snap['name'], 'size': snap['size'], 'id': snap['id'],
            'protected': image.is_protected_snap(snap['name'])}


def rbd_info(io, ask):
    with rbd.Image(io, ask['image'], read_only=True) as image:
        stat = image.stat()
        try:
            pool, parent, snap = image.parent_info()
            origin = '%s/%s@%s' % (pool, parent, snap)
        except rbd.ImageNotFound:
            origin = ''
        return {'size': stat['size'], 'object_size': stat['obj_size'], 'features': image.features(),
                'parent': origin, 'id': image.id(),
                'snapshots': [snapshot(image, s) for s in image.list_snaps() if s['namespace'] == 0]}


def rbd_list(io, ask):
    images, trash = [], []
    for namespace in [''] + rbd.RBD().namespace_list(io):
        io.set_namespace(namespace)
        within = namespace + '/' if namespace else ''
        images += [within + name for name in rbd.RBD().list(io)]
        trash += [within + entry['name'] for entry in rbd.RBD().trash_list(io)]
    return {'images': images, 'trash': trash}


def with_image(work):
    def run(io, ask):
        with rbd.Image(io, ask['image']) as image:
            work(image, ask)
    return run


def rbd_clone(io, ask):
    child = dict(ask, pool=ask['to_pool'], namespace=ask.get('to_namespace', ''))
    with pool_of(child) as to:
        rbd.RBD().clone(io, ask['image'], ask['snap'], to, ask['to_image'])


RBD = {
    'info': rbd_info,
    'list': rbd_list,
    'create': lambda io, ask: rbd.RBD().create(
        io, ask['image'], ask['size'], old_format=False,
        features=ask.get('features'), data_pool=ask.get('data_pool')),
    'remove': lambda io, ask: rbd.RBD().remove(io, ask['image']),
    'resize': with_image(lambda image, ask: image.resize(ask['size'], ask['allow_shrink'])),
    'flatten': with_image(lambda image, ask: image.flatten()),
    'trash': lambda io, ask: rbd.RBD().trash_move(io, ask['image'], ask['delay']),
    'trash_restore': lambda io, ask: rbd.RBD().trash_restore(
        io, trash_id(io, ask['image']), ask['image']),
    'trash_remove': lambda io, ask: rbd.RBD().trash_remove(
        io, trash_id(io, ask['image']), ask['force']),
    'snap_create': with_image(lambda image, ask: image.create_snap(ask['snap'])),
    'snap_remove': with_image(lambda image, ask: image.remove_snap(ask['snap'])),
    'snap_rollback': with_image(lambda image, ask: image.rollback_to_snap(ask['snap'])),
    'snap_protect': with_image(lambda image, ask: image.protect_snap(ask['snap'])),
    'snap_unprotect': with_image(lambda image, ask: image.unprotect_snap(ask['snap'])),
    'clone': rbd_clone,
}


def do_rbd(ask):
    if rbd is None:
        return -errno.EOPNOTSUPP, '', 'the Python module rbd is not installed'
    with pool_of(ask) as io:
        out = RBD[ask['op']](io, ask)
    return 0, '' if out is None else json.dumps(out), ''


DO = {'open': do_open, 'connect': do_connect, 'mon': do_mon, 'mons': do_mons, 'rbd': do_rbd}


# Exceptions that the modules raise by themselves carry no number.
ERRNO_OF = {'InvalidArgument': errno.EINVAL, 'ObjectNotFound': errno.ENOENT}


def carry_out(ask):
    try:
        answer(ask['id'], *DO[ask['do']](ask))
    except Exception as error:
        number = getattr(error, 'errno', None) or ERRNO_OF.get(type(error).__name__)
        answer(ask['id'], -abs(number) if number else -errno.EIO, '',
               '%s: %s' % (type(error).__name__, error))


def main():
    # What waits for OSDs must not keep what asks the mons waiting.
    commands, others = ThreadPoolExecutor(8), {'rbd': ThreadPoolExecutor(8), 'mons': ThreadPoolExecutor(2)}
    for line in sys.stdin:
        ask = json.loads(line)
        if ask['do'] == 'open':
            carry_out(ask)
        else:
            others.get(ask['do'], commands).submit(carry_out, ask)


try:
    main()
finally:
    # Threads that wait for the cluster would otherwise be waited for.
    os._exit(0)
`;
