"""The gateway: takes objects in the practice, keeps them sealed on its disk, and sends them on by STOW-RS."""
