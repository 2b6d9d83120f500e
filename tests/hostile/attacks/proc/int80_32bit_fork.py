# mypy: ignore-errors
# result: graded killed
# points: at most 10
"""Makes a system call of 32-bit programs, which have other numbers."""
import os


@attempt
def fork():
    import ctypes
    import mmap

    # push rbx; mov eax, 2; int 0x80; pop rbx; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x53\xb8\x02\x00\x00\x00\xcd\x80\x5b\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    pid = call()
    if pid == 0:
        os._exit(0)
    return "fork works" if pid > 0 else None
