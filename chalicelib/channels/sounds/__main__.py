"""The process itself: see the package."""

import sys

from chalicelib.channels.image_process import answered
from chalicelib.channels.sounds import anew
from chalicelib.domain.vocabulary import AudioType

if __name__ == "__main__":
    sys.exit(answered(lambda content: anew(content, AudioType(sys.argv[1]))))
